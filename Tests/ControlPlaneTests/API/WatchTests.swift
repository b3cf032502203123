import ControlPlane
import MeshModel
import Testing

@Suite("Watches", .timeLimit(.minutes(1)))
struct WatchTests {
    /// The first events of a watch, as `TYPE name`.
    private func events(_ reply: APIReply, _ count: Int) async throws -> [String] {
        guard case .events(let events) = reply.body else {
            Issue.record("no events: \(reply)")
            return []
        }
        return try await Deadline.within(.seconds(20)) {
            var found: [String] = []
            for try await event in events {
                let name =
                    event.member("object", "metadata", "name")?.asString ?? event.member("object", "reason")?.asString
                found.append("\(event["type"]?.asString ?? "") \(name ?? "")")
                if found.count == count { break }
            }
            return found
        }
    }

    @Test("present objects first, then each change as it happens")
    func changes() async throws {
        let shop = try await APIHarness.shop()
        let reply = await shop.call("GET", APIHarness.services + "?watch=true")
        try await shop.document(201, "POST", APIHarness.services, APIHarness.service("b"))
        try await shop.document(
            200, "PATCH", APIHarness.services + "/b", #"{"metadata":{"labels":{"a":"b"}}}"#,
            type: "application/merge-patch+json")
        try await shop.document(200, "DELETE", APIHarness.services + "/b")
        #expect(try await events(reply, 4) == ["ADDED web", "ADDED b", "MODIFIED b", "DELETED b"])
    }

    @Test("from a list's resourceVersion, without a gap, of one kind and namespace only")
    func fromList() async throws {
        let shop = try await APIHarness.shop()
        let list = try await shop.document(200, "GET", APIHarness.services)
        let version = try #require(list.member("metadata", "resourceVersion")?.asString)
        try await shop.document(201, "POST", "/api/v1/namespaces", #"{"metadata":{"name":"other"}}"#)
        try await shop.document(201, "POST", "/api/v1/namespaces/other/services", APIHarness.service("elsewhere"))
        try await shop.document(201, "POST", APIHarness.services, APIHarness.service("c"))
        let reply = await shop.call("GET", APIHarness.services + "?watch=1&resourceVersion=\(version)&timeoutSeconds=1")
        #expect(try await events(reply, 10) == ["ADDED c"])
    }

    @Test("an object that leaves the selection is deleted for its watch")
    func selection() async throws {
        let shop = try await APIHarness.shop()
        let reply = await shop.call("GET", APIHarness.services + "?watch=true&labelSelector=tier%3Dfront")
        try await shop.document(201, "POST", APIHarness.services, APIHarness.service("b", labels: #"{"tier":"front"}"#))
        try await shop.document(
            200, "PATCH", APIHarness.services + "/b", #"{"metadata":{"labels":null}}"#,
            type: "application/merge-patch+json")
        #expect(try await events(reply, 2) == ["ADDED b", "DELETED b"])
    }

    @Test("what was never selected is not told; what enters the selection begins, from a list's version too")
    func enteringTheSelection() async throws {
        let shop = try await APIHarness.shop()
        try await shop.document(201, "POST", APIHarness.services, APIHarness.service("b", labels: #"{"tier":"front"}"#))
        let list = try await shop.document(200, "GET", APIHarness.services)
        let version = try #require(list.member("metadata", "resourceVersion")?.asString)
        let reply = await shop.call(
            "GET", APIHarness.services + "?watch=true&resourceVersion=\(version)&labelSelector=tier%3Dfront")
        for (name, labels) in [("web", #"{"a":"b"}"#), ("web", #"{"tier":"front"}"#), ("b", #"{"tier":"back"}"#)] {
            try await shop.document(
                200, "PATCH", APIHarness.services + "/\(name)", #"{"metadata":{"labels":\#(labels)}}"#,
                type: "application/merge-patch+json")
        }
        try await shop.document(200, "DELETE", APIHarness.services + "/b")
        try await shop.document(200, "DELETE", APIHarness.services + "/web")
        #expect(try await events(reply, 3) == ["ADDED web", "DELETED b", "DELETED web"])
    }

    @Test("the end of the present objects is marked where asked for")
    func initialEvents() async throws {
        let shop = try await APIHarness.shop()
        let reply = await shop.call(
            "GET",
            APIHarness.services
                + "?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true")
        #expect(try await events(reply, 2) == ["ADDED web", "BOOKMARK "])
    }

    @Test("one watch too many is refused, and a place is free again when its watch has ended")
    func bound() async throws {
        var limits = APILimits()
        limits.maximumWatches = 1
        let harness = try APIHarness(limits: limits)
        var first: APIReply? = await harness.call("GET", "/api/v1/namespaces?watch=true")
        #expect(first?.status == 200)
        #expect(await harness.call("GET", "/api/v1/namespaces?watch=true").status == 429)
        first = nil
        try await Deadline.until { await harness.call("GET", "/api/v1/namespaces?watch=true").status == 200 }
    }

    @Test("bookmarks where asked for, and an end at the time asked for")
    func bookmarks() async throws {
        let harness = try APIHarness(limits: APILimits(maximumWatchSeconds: 3, bookmarkSeconds: 1))
        let reply = await harness.call(
            "GET", "/api/v1/services?watch=true&allowWatchBookmarks=true&timeoutSeconds=3600")
        #expect(try await events(reply, 100) == ["BOOKMARK ", "BOOKMARK "])
    }

    @Test("a revision that is no longer kept is an error event: list again")
    func gone() async throws {
        let harness = try APIHarness(configuration: StoreConfiguration(keptChanges: 5))
        for index in 0..<20 {
            try await harness.document(201, "POST", "/api/v1/namespaces", #"{"metadata":{"name":"n\#(index)"}}"#)
        }
        let reply = await harness.call("GET", "/api/v1/namespaces?watch=true&resourceVersion=1")
        #expect(try await events(reply, 1) == ["ERROR Expired"])
    }

    @Test("a watch of tables")
    func tables() async throws {
        let shop = try await APIHarness.shop()
        let reply = await shop.call(
            "GET", APIHarness.services + "?watch=true&timeoutSeconds=1",
            accept: "application/json;as=Table;v=v1;g=meta.k8s.io")
        guard case .events(let events) = reply.body else { return }
        for try await event in events {
            #expect(event.member("object", "kind") == .string("Table"))
            #expect(event.member("object", "rows")?.asArray?.count == 1)
        }
    }
}
