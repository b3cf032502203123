import Foundation
import MeshModel

/// ztunnel as a service of systemd on this host.
struct NodeService {
    /// The unit of the package ambit-node.
    static let unit = "ambit-ztunnel.service"
    /// What to do where ztunnel knows more than it said.
    static let seeLog = "see ztunnel's log: journalctl -u \(unit)"
    /// How often readiness is asked for.
    static let interval = Duration.milliseconds(200)

    /// Whether systemd runs here and knows the unit.
    var isInstalled: Bool {
        // sd_booted(3)
        guard FileManager.default.fileExists(atPath: "/run/systemd/system") else { return false }
        return (try? Self.systemctl("cat", Self.unit))?.status == 0
    }

    /// Starts it now and at every boot; one that runs is restarted with the new settings.
    func start() throws {
        for words in [["enable", Self.unit], ["restart", Self.unit]] {
            let result = try Self.systemctl(words)
            guard result.status == 0 else {
                throw CommandFailure(
                    "this host has joined, but systemctl \(words.joined(separator: " ")) failed: \(result.text)",
                    next: "see why: systemctl status \(Self.unit); journalctl -u \(Self.unit)")
            }
        }
    }

    /// Waits until ztunnel says that it is ready: then it has been sent the mesh.
    func waitUntilReady(seconds: Int) async throws {
        let pages = LocalClient.admin(address: "127.0.0.1:\(Ports.readiness)")
        let end = ContinuousClock.now + .seconds(seconds)
        while true {
            if let answer = try? await pages.send(.fetch, "/healthz/ready"), answer.status == 200 { return }
            guard ContinuousClock.now < end else {
                throw CommandFailure(
                    "this host has joined, but ztunnel is not ready after \(seconds) s",
                    next: "see why: systemctl status \(Self.unit); journalctl -u \(Self.unit)")
            }
            try await Task.sleep(for: Self.interval)
        }
    }

    private static func systemctl(_ words: String...) throws -> (status: Int32, text: String) { try systemctl(words) }

    private static func systemctl(_ words: [String]) throws -> (status: Int32, text: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["systemctl"] + words
        let output = Pipe()
        process.standardOutput = FileHandle.nullDevice
        process.standardError = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let text = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        return (process.terminationStatus, text)
    }
}
