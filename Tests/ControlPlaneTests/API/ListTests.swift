import ControlPlane
import MeshModel
import Testing

@Suite("Lists, deletions and names that the server makes")
struct ListTests {
    private func harness(_ limits: APILimits = APILimits(), accounts: Int) async throws -> APIHarness {
        let harness = try APIHarness(limits: limits)
        for index in 0..<accounts {
            try await harness.document(
                201, "POST", Self.accounts, #"{"metadata":{"name":"a\#(index)"}}"#)
        }
        return harness
    }

    private static let accounts = "/api/v1/namespaces/default/serviceaccounts"

    private func names(_ list: JSONValue) -> [String] {
        (list["items"]?.asArray ?? []).compactMap { $0.member("metadata", "name")?.asString }
    }

    @Test("pages show one state, and the last one has no token")
    func pages() async throws {
        let harness = try await harness(accounts: 4)
        let first = try await harness.document(200, "GET", Self.accounts + "?limit=2")
        #expect(names(first) == ["a0", "a1"])
        #expect(first.member("metadata", "remainingItemCount") == .int(3))
        let token = try #require(first.member("metadata", "continue")?.asString)
        try await harness.document(200, "DELETE", Self.accounts + "/a2")
        // A token can be used again: the answer to its first use may have been lost.
        for _ in 0..<2 {
            let second = try await harness.document(200, "GET", Self.accounts + "?limit=2&continue=\(token)")
            #expect(names(second) == ["a2", "a3"])
        }
        let rest = try await harness.document(200, "GET", Self.accounts + "?continue=\(token)")
        #expect(names(rest) == ["a2", "a3", "default"])
        #expect(rest.member("metadata", "continue") == nil)
        #expect(rest.member("metadata", "resourceVersion") == first.member("metadata", "resourceVersion"))
        // A token is of its list and of its user.
        try await harness.document(400, "GET", "/api/v1/serviceaccounts?continue=\(token)")
        try await harness.document(400, "GET", Self.accounts + "?labelSelector=a&continue=\(token)")
        let other = APIUser(name: "other", groups: [APIUser.administrators])
        #expect(await harness.call("GET", Self.accounts + "?continue=\(token)", user: other).status == 400)
        try await harness.document(400, "GET", Self.accounts + "?continue=x")
        try await harness.document(400, "GET", Self.accounts + "?limit=-1")
    }

    @Test("what is kept is bounded in lists of a user, in objects and in time; what is given up is 410")
    func bounds() async throws {
        var limits = APILimits()
        limits.maximumListsPerUser = 2
        let few = try await harness(limits, accounts: 3)
        var tokens: [String] = []
        for _ in 0..<3 {
            let page = try await few.document(200, "GET", Self.accounts + "?limit=1")
            tokens.append(try #require(page.member("metadata", "continue")?.asString))
        }
        let gone = try await few.document(410, "GET", Self.accounts + "?continue=\(tokens[0])")
        #expect(gone["reason"] == .string("Expired"))
        try await few.document(200, "GET", Self.accounts + "?continue=\(tokens[2])")

        limits.maximumListsPerUser = 8
        limits.maximumHeldObjects = 5
        let small = try await harness(limits, accounts: 3)
        let first = try await small.document(200, "GET", Self.accounts + "?limit=1")
        try await small.document(200, "GET", Self.accounts + "?limit=1")
        let token = try #require(first.member("metadata", "continue")?.asString)
        try await small.document(410, "GET", Self.accounts + "?continue=\(token)")

        limits.listLifetime = .zero
        let short = try await harness(limits, accounts: 3)
        let page = try await short.document(200, "GET", Self.accounts + "?limit=1")
        let late = try #require(page.member("metadata", "continue")?.asString)
        try await short.document(410, "GET", Self.accounts + "?continue=\(late)")
    }

    @Test("a version that was never there is not waited for, and an old state is not kept")
    func versions() async throws {
        let harness = try await harness(accounts: 1)
        try await harness.document(504, "GET", Self.accounts + "?resourceVersion=1000000")
        try await harness.document(410, "GET", Self.accounts + "?resourceVersion=1&resourceVersionMatch=Exact")
        try await harness.document(200, "GET", Self.accounts + "?resourceVersion=1")
        try await harness.document(400, "GET", Self.accounts + "?resourceVersion=new")
    }

    @Test("a deletion is bound to the object that is meant, and is only tried where its body says so")
    func deletions() async throws {
        let harness = try await harness(accounts: 1)
        let path = Self.accounts + "/a0"
        let uid = try #require(
            try await harness.document(200, "GET", path).member("metadata", "uid")?.asString)
        let other = try await harness.document(409, "DELETE", path, #"{"preconditions":{"uid":"another"}}"#)
        #expect(other["message"]?.asString?.contains(uid) == true)
        try await harness.document(200, "DELETE", path, #"{"dryRun":["All"]}"#)
        try await harness.document(400, "DELETE", path, #"{"dryRun":["Some"]}"#)
        try await harness.document(400, "DELETE", path + "?dryRun=Some")
        try await harness.document(400, "DELETE", path, "{")
        try await harness.document(200, "GET", path)
        try await harness.document(200, "DELETE", path, #"{"preconditions":{"uid":"\#(uid)"}}"#)
        try await harness.document(404, "GET", path)
    }

    @Test("a replacement is of the object that it was read from")
    func replacement() async throws {
        let harness = try await harness(accounts: 1)
        let path = Self.accounts + "/a0"
        try await harness.document(409, "PUT", path, #"{"metadata":{"name":"a0","uid":"another"}}"#)
        try await harness.document(400, "POST", Self.accounts, #"{"metadata":{"name":"b","resourceVersion":"7"}}"#)
    }

    @Test("the server makes a name where only its beginning is given")
    func generatedNames() async throws {
        let harness = try await harness(accounts: 0)
        let long = String(repeating: "x", count: 200)
        for prefix in ["job-", long] {
            let made = try await harness.document(
                201, "POST", Self.accounts, #"{"metadata":{"generateName":"\#(prefix)"}}"#)
            let name = try #require(made.member("metadata", "name")?.asString)
            #expect(name.hasPrefix(prefix.prefix(58)))
            #expect(name.utf8.count == min(prefix.utf8.count, 58) + 5)
        }
    }
}
