import Foundation
import Testing

@testable import CommandLineTool
@testable import MeshModel

/// Tables, ages, and the words of command lines.
@Suite struct OutputTests {
    @Test func tables() {
        let table = Table(
            ["NAME", "A", "LAST"], rows: [["long-name-here", "", "x"], ["b", "1"], ["größe", "2", "y"]])
        #expect(
            table.text() == """
                NAME             A   LAST
                long-name-here   -   x
                b                1   -
                größe            2   y

                """)
        #expect(Table(["ONE"]).text() == "ONE\n")
        #expect(table.text(includingHeadings: false).hasPrefix("long"))
    }

    @Test(arguments: [
        (0, "0s"), (119, "119s"), (120, "2m"), (150, "2m30s"), (599, "9m59s"), (600, "10m"), (10_799, "179m"),
        (10_800, "3h"),
        (12_000, "3h20m"), (28_800, "8h"), (172_799, "47h"), (172_800, "2d"), (180_000, "2d2h"), (691_200, "8d"),
        (100_000_000, "1157d"),
    ])
    func ages(_ seconds: Int, _ text: String) {
        #expect(Age.text(seconds: seconds) == text)
    }

    @Test func agesOfTimes() {
        let now = Transcript.now
        #expect(Age.text(since: "2026-11-21T06:00:00Z", now: now) == "60m")
        #expect(Age.text(since: "2026-11-21T06:59:59.250Z", now: now) == "0s")
        #expect(Age.text(since: "2027-01-01T00:00:00Z", now: now) == "0s")
        #expect(Age.text(since: "yesterday", now: now) == "-")
        #expect(Age.text(since: nil, now: now) == "-")
        #expect(Age.text(until: "2026-11-21T07:00:00Z", now: now) == "expired")
        #expect(Age.text(until: "2026-11-22T07:00:00Z", now: now) == "24h")
    }

    @Test func kinds() throws {
        #expect(try KindNames.kinds("svc,Services,service") == [.service])
        #expect(try KindNames.kind("authorizationpolicies.security.istio.io") == .authorizationPolicy)
        #expect(try KindNames.kind("SE") == .serviceEntry)
        #expect(try !KindNames.kinds("all").contains(.namespace))
        #expect(throws: CommandFailure.self) { try KindNames.kinds("services,") }
        #expect(throws: CommandFailure.self) { try KindNames.kind("httproute") }
    }

    @Test func resourceArguments() throws {
        #expect(try ResourceArguments(["svc", "a", "b"]).items.map(\.name) == ["a", "b"])
        #expect(try ResourceArguments(["svc/a", "ns/b"]).items.map(\.kind) == [.service, .namespace])
        #expect(try ResourceArguments(["svc,ns"]).items.map(\.name) == [nil, nil])
        for words in [[], ["svc,ns", "a"], ["svc/a", "b"], ["svc/"], ["svc/a/b"]] {
            let failure = #expect(throws: CommandFailure.self) { try ResourceArguments(words) }
            #expect(failure?.status == .usage)
        }
    }

    @Test func completionScripts() async throws {
        for shell in ["bash", "zsh", "fish"] {
            let transcript = try Transcript()
            #expect(await transcript.run("completion \(shell)") == 0)
        }
        let transcript = try Transcript()
        #expect(await transcript.run("completion tcsh") == 64)
        #expect(await transcript.run("--help") == 0)
        #expect(await transcript.run("frobnicate") == 64)
    }
}
