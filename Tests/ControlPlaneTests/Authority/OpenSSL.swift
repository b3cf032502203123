import Foundation

/// The `openssl` program: certificates, keys and verdicts that our own code had no part in.
enum OpenSSL {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    @discardableResult
    static func run(_ arguments: [String], in directory: TemporaryDirectory) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: directory.path)
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(description: "openssl \(arguments.joined(separator: " ")): \(text)")
        }
        return text
    }

    /// A signing request with the given subject alternative names, for a fresh key of `kind` (openssl's `-newkey` words).
    static func request(
        names: String, key kind: [String] = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
        in directory: TemporaryDirectory
    ) throws -> String {
        try run(
            ["req", "-new", "-newkey"] + kind + [
                "-nodes", "-keyout", "leaf.key", "-subj", "/", "-addext", "subjectAltName=critical,\(names)", "-out",
                "leaf.csr",
            ], in: directory)
        return try directory.read("leaf.csr")
    }
}
