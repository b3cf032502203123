import Glibc

/// A file that an administrator of the host wrote: regular, and nobody but root may write to it.
enum AdministratorFile {
    /// At most `limit` bytes of it and one more, by which the caller sees that there are too many.
    static func read(_ path: String, limit: Int) throws(AdministratorFileProblem) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        let reason = strerror(errno).map { String(cString: $0) } ?? ""
        guard descriptor >= 0 else { throw .init(description: "\(path): it cannot be opened: \(reason)") }
        defer { close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
            throw .init(description: "\(path): it is not a file; remove it")
        }
        // Who may write here decides who has which identity, and which commands run.
        guard facts.st_uid == 0 || facts.st_uid == geteuid(), facts.st_mode & 0o022 == 0 else {
            throw .init(
                description:
                    "\(path): others than root may write to it; run `chown root \(path)` and `chmod 644 \(path)`")
        }
        var bytes = [UInt8](repeating: 0, count: limit + 1)
        var count = 0
        while count < bytes.count {
            let result = bytes[count...].withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if result < 0, errno == EINTR { continue }
            guard result >= 0 else { throw .init(description: "\(path): it cannot be read") }
            if result == 0 { break }
            count += result
        }
        return Array(bytes[..<count])
    }
}
