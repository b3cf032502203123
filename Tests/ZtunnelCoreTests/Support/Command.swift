import Glibc

/// Shell commands of tests.
enum Command {
    struct Failure: Error {
        let command: String
        let status: Int32
        let output: String
    }

    /// Runs `command` and returns what it printed; throws when it fails.
    @discardableResult
    static func run(_ command: String) throws -> String {
        guard let pipe = popen(command + " 2>&1", "re") else { throw Failure(command: command, status: -1, output: "") }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = fread(&buffer, 1, buffer.count, pipe)
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        let status = pclose(pipe)
        let output = String(decoding: bytes, as: UTF8.self)
        guard status == 0 else { throw Failure(command: command, status: status, output: output) }
        return output
    }
}
