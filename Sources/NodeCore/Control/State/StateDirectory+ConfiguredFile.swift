import Glibc

extension StateDirectory {
    /// The largest file that configuration names: what a Secret may hold.
    package static let configuredFileLimit = 1 << 20

    /// The content of a file that an object of configuration names: a regular one of at most `configuredFileLimit` bytes, since
    /// whoever wrote the object may have named a device or a pipe, which the control loop must not wait for.
    package static func readConfiguredFile(_ file: String) throws(StateDirectoryError) -> [UInt8] {
        var facts = stat()
        guard stat(file, &facts) == 0 else {
            let reason = strerror(errno).map { String(cString: $0) } ?? "error \(errno)"
            throw StateDirectoryError(operation: "read", path: file, reason: reason)
        }
        guard facts.st_mode & S_IFMT == S_IFREG else {
            throw StateDirectoryError(operation: "read", path: file, reason: "it is no regular file")
        }
        guard facts.st_size <= configuredFileLimit else {
            throw StateDirectoryError(
                operation: "read", path: file, reason: "it is larger than \(configuredFileLimit) bytes")
        }
        return try readFile(file)
    }
}
