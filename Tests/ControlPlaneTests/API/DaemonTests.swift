import Foundation
import MeshModel
import Testing

@Suite(
    "ambitd as a process", .serialized, .timeLimit(.minutes(2)),
    .enabled(if: DaemonProcess.program != nil, "the program ambitd is not built beside the tests"))
struct DaemonTests {
    private static func document(_ name: String) -> String {
        #"{"apiVersion":"networking.istio.io/v1","kind":"WorkloadEntry","metadata":{"name":"\#(name)"},"spec":{"address":"10.0.0.1"}}"#
    }

    private static let entries = "/apis/networking.istio.io/v1/namespaces/default/workloadentries"

    @Test("every write that was acknowledged is there after kill -9, and revisions go on")
    func crash() async throws {
        let directory = try TemporaryDirectory()
        let port = DaemonProcess.freePort()
        var acknowledged: [String] = []
        var newest = 0
        for round in 0..<3 {
            let daemon = try await DaemonProcess(directory, port: port)
            let list = try JSONValue(parsing: try await daemon.curl(Self.entries).body.utf8)
            let names = Set(list["items"]?.asArray?.compactMap { $0.member("metadata", "name")?.asString } ?? [])
            #expect(names.isSuperset(of: acknowledged), "lost: \(Set(acknowledged).subtracting(names))")
            let revision = Int(list.member("metadata", "resourceVersion")?.asString ?? "") ?? 0
            #expect(revision >= newest)
            newest = revision
            // Writers that are in the middle of a write when the program is killed.
            let written = await withTaskGroup(of: [String].self) { group in
                for writer in 0..<4 {
                    group.addTask {
                        var mine: [String] = []
                        for index in 0..<1_000 {
                            let name = "w-\(round)-\(writer)-\(index)"
                            let answer = try? await daemon.curl(Self.entries, method: "POST", body: Self.document(name))
                            guard answer?.code == 201 else { break }
                            mine.append(name)
                        }
                        return mine
                    }
                }
                group.addTask {
                    try? await Deadline.until {
                        let answer = try? await daemon.curl(Self.entries)
                        return (answer?.body.components(separatedBy: "\"w-\(round)-").count ?? 0) > 12
                    }
                    try? await daemon.end(SIGKILL)
                    return []
                }
                return await group.reduce(into: [String]()) { $0 += $1 }
            }
            #expect(written.count >= 10)
            acknowledged += written
        }
        let daemon = try await DaemonProcess(directory, port: port)
        let body = try await daemon.curl(Self.entries).body
        for name in acknowledged { #expect(body.contains("\"\(name)\""), "\(name) was acknowledged and is lost") }
        try await daemon.end(SIGTERM)
    }

    @Test("SIGTERM ends it at once, also while somebody watches")
    func shutdown() async throws {
        let directory = try TemporaryDirectory()
        let daemon = try await DaemonProcess(directory, port: DaemonProcess.freePort())
        let seen = directory.path + "/watched"
        async let watch = daemon.curl(
            "/api/v1/namespaces?watch=true", more: ["--no-buffer", "--max-time", "60", "--output", seen])
        // The watch is served once its first event is through.
        let deadline = ContinuousClock.now + .seconds(20)
        while (try? String(contentsOfFile: seen, encoding: .utf8))?.contains("ADDED") != true {
            try #require(ContinuousClock.now < deadline, "the watch began")
            try await Task.sleep(for: .milliseconds(20))
        }
        try await daemon.end(SIGTERM)
        #expect(!daemon.isRunning)
        _ = try await watch
    }

    @Test("who has no certificate gets no connection, a node's certificate names no user, a large body is refused")
    func strangers() async throws {
        let directory = try TemporaryDirectory()
        let daemon = try await DaemonProcess(directory, port: DaemonProcess.freePort())
        #expect(try await daemon.curl("/api", identity: nil).code == 0)
        let program = try #require(DaemonProcess.program)
        let said = try await DaemonProcess.run(
            program,
            [
                "issue-node", "--state-dir", directory.path + "/state", "--node", "host-a", "--allow", "shop/*",
                "--out",
                directory.path + "/host-a",
            ])
        #expect(said.contains("host-a"))
        #expect(try directory.mode("host-a/node.key") == 0o600)
        #expect(try directory.mode("state/admin.kubeconfig") == 0o600)
        #expect(try await daemon.curl("/api", identity: "host-a/node").code == 401)
        try directory.write(String(repeating: " ", count: 4 << 20), "large")
        let large = try await daemon.curl(Self.entries, method: "POST", body: "@\(directory.path)/large")
        #expect(large.code == 413)
        #expect(large.body.contains("larger than"))
        #expect(try await daemon.curl("/api").code == 200)
        try await daemon.end(SIGTERM)
    }
}
