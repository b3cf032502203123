import Foundation
import Glibc
import MeshAPI
import NodeCore
import Synchronization
import Testing
import ZtunnelCore

/// The control plane of tests on Google's gRPC library (Tests/Tools/control-plane), and the files that a node needs for it.
final class TestControlPlane: @unchecked Sendable {
    // The process is used by the one test that made it; what its reader thread shares is behind `events`.
    struct Event: Decodable {
        struct Request: Decodable {
            var type: String
            var nonce: String
            var held: [String: String]
            var error: String
            var node: String
        }
        struct Report: Decodable {
            struct Workload: Decodable, Equatable {
                var name: String
                var namespace: String
                var addresses: [String]
            }
            var node: String
            var workloads: [Workload]
        }
        struct Signing: Decodable {
            var lifetime: Int
            var token: String
        }
        var port: Int?
        var request: Request?
        var report: Report?
        var csr: Signing?
    }

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    /// The environment that `make deps` makes.
    static let python = [root, root.resolvingSymlinksInPath()].map {
        $0.appendingPathComponent(".venv/bin/python").path
    }
    .first(where: FileManager.default.isExecutableFile(atPath:))

    let folder: String
    private(set) var port: UInt16 = 0
    private let events = Mutex<[Event]>([])
    private var process = Process()
    private var input = Pipe()

    init() throws {
        folder = try Command.run("mktemp -d").trimmingCharacters(in: .newlines)
        try openssl(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout root.key -out root.crt -days 2 -subj /O=test -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign"
        )
        try leaf("server", names: "DNS:localhost,IP:127.0.0.1")
        try leaf("node", names: "URI:spiffe://cluster.local/ambit/node/n1")
        try start()
    }

    deinit {
        kill()
        _ = try? Command.run("rm -rf \(folder)")
    }

    /// Starts the server; after a `kill`, on the port of before.
    func start() throws {
        process = Process()
        input = Pipe()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: try #require(Self.python))
        process.arguments = [Self.root.appendingPathComponent("Tests/Tools/control-plane").path, folder, String(port)]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let handle = output.fileHandleForReading
        TestThread.start { [weak self] in
            var rest = Data()
            while true {
                let data = handle.availableData
                guard !data.isEmpty else { return }
                rest += data
                while let end = rest.firstIndex(of: 10) {
                    let line = rest[..<end]
                    rest = rest[rest.index(after: end)...]
                    guard let event = try? JSONDecoder().decode(Event.self, from: line) else { continue }
                    self?.events.withLock { $0.append(event) }
                }
            }
        }
        let before = events.withLock(\.count)
        #expect(Eventually.holds { self.events.withLock { $0.dropFirst(before).contains { $0.port != nil } } })
        port = UInt16(events.withLock { $0.last { $0.port != nil }?.port } ?? 0)
    }

    /// Ends the server, as a crash would.
    func kill() {
        // SIGKILL: the child inherits the mask of a thread of the pool, which blocks the others.
        guard process.isRunning else { return }
        Glibc.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    func order(_ object: [String: Any]) throws {
        input.fileHandleForWriting.write(try JSONSerialization.data(withJSONObject: object) + Data([10]))
    }

    /// Sends a response on the newest stream.
    func send(
        _ kind: DiscoveryKind, nonce: String, _ resources: [(name: String, value: [UInt8])] = [], version: String = "1",
        removed: [String] = []
    ) throws {
        try order([
            "send": [
                "type": kind.typeURL, "nonce": nonce, "removed": removed,
                "resources": resources.map {
                    ["name": $0.name, "version": version, "value": Data($0.value).base64EncodedString()]
                },
            ] as [String: Any]
        ])
    }

    /// Waits for an event that `match` takes.
    func wait<Value>(_ what: String, _ match: (Event) -> Value?) -> Value? {
        var found: Value?
        let came = Eventually.holds {
            found = self.all.lazy.compactMap(match).first
            return found != nil
        }
        if !came { Issue.record("no \(what) among \(all)") }
        return found
    }

    /// Waits for the ACK or NACK of `nonce`.
    func answer(to nonce: String) -> Event.Request? {
        wait("answer to \(nonce)") { $0.request?.nonce == nonce ? $0.request : nil }
    }

    func count(_ match: (Event) -> Bool) -> Int { all.filter(match).count }

    private var all: [Event] { events.withLock(\.self) }

    private func leaf(_ name: String, names: String) throws {
        try openssl(
            "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout \(name).key -out \(name).csr -subj /")
        try Command.run(
            "cd \(folder); printf 'subjectAltName=critical,\(names)\\nextendedKeyUsage=serverAuth,clientAuth\\n' > \(name).ext"
        )
        try openssl(
            "x509 -req -in \(name).csr -CA root.crt -CAkey root.key -CAcreateserial -days 1 -extfile \(name).ext -out \(name).crt"
        )
    }

    private func openssl(_ arguments: String) throws { try Command.run("cd \(folder); openssl \(arguments)") }
}
