import Foundation
import Testing

/// `ambitd serve` as a process of its own, with the certificates of its administrator for curl. Killed when it is let go.
final class DaemonProcess: @unchecked Sendable {
    struct Missing: Error {}

    // Foundation's Process is used from one test at a time; the class only hands its pid and status on.
    private let process: Process
    let directory: TemporaryDirectory
    let port: Int

    /// Where `swift build` puts programs: beside the program that runs the tests.
    static let program: String? = {
        let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
        let path = URL(filePath: bundle).deletingLastPathComponent().appending(path: "ambitd").path()
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }()

    /// Starts the program on the state of `directory` and waits until it serves.
    init(_ directory: TemporaryDirectory, port: Int) async throws {
        guard let program = Self.program else { throw Missing() }
        self.directory = directory
        self.port = port
        process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = [
            "serve", "--state-dir", directory.path + "/state", "--api-address", "127.0.0.1:\(port)", "--grpc-address",
            "127.0.0.1:0",
            "--metrics-address", "127.0.0.1:0", "--join-address", "127.0.0.1:0",
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        try await Deadline.until { [self] in
            guard let text = try? directory.read("state/admin.kubeconfig") else { return false }
            try extractCertificates(text)
            return try await curl("/readyz").code == 200
        }
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    var isRunning: Bool { process.isRunning }

    /// Sends a signal and waits for the end; throws where it takes more than ten seconds.
    func end(_ signal: CInt) async throws {
        kill(process.processIdentifier, signal)
        try await Deadline.until { [self] in !process.isRunning }
    }

    /// One request with curl; `identity` is the administrator's certificate unless another is named, or none.
    func curl(
        _ path: String, method: String = "GET", body: String? = nil, identity: String? = "admin", more: [String] = []
    ) async throws -> (code: Int, body: String) {
        var arguments = [
            "-sS", "--max-time", "20", "--cacert", directory.path + "/root.crt", "-X", method, "-w", "\n%{http_code}",
        ]
        if let identity {
            arguments += ["--cert", "\(directory.path)/\(identity).crt", "--key", "\(directory.path)/\(identity).key"]
        }
        if let body { arguments += ["-H", "Content-Type: application/json", "--data-binary", body] }
        let text = try await Self.run("/usr/bin/curl", arguments + more + ["https://127.0.0.1:\(port)\(path)"])
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return (lines.last.flatMap { Int($0) } ?? 0, lines.dropLast().joined(separator: "\n"))
    }

    /// What a program prints.
    static func run(_ program: String, _ arguments: [String]) async throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let reader = pipe.fileHandleForReading
        let data = try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Data, any Error>) in
            DispatchQueue.global().async {
                continuation.resume(with: Result { try reader.readToEnd() ?? Data() })
            }
        }
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }

    /// A port that nobody listens on now.
    static func freePort() -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                guard bind(descriptor, generic, length) == 0, getsockname(descriptor, generic, &length) == 0 else {
                    return 0
                }
                return Int(UInt16(bigEndian: pointer.pointee.sin_port))
            }
        }
    }

    private func extractCertificates(_ kubeconfig: String) throws {
        let fields = [
            ("certificate-authority-data", "root.crt"), ("client-certificate-data", "admin.crt"),
            ("client-key-data", "admin.key"),
        ]
        for (field, file) in fields {
            let line = kubeconfig.split(separator: "\n").first { $0.contains("\(field): ") }
            let value = line.flatMap { $0.split(separator: " ").last }.flatMap { Data(base64Encoded: String($0)) }
            try (value ?? Data()).write(to: URL(filePath: "\(directory.path)/\(file)"))
        }
    }
}
