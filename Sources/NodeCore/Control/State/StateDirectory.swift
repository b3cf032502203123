import Glibc

/// A directory of the node's state: mode 0700, files 0600, each replaced in one step (D9).
///
/// Used on the control loop and at the start; files are small (the largest is the mesh's state).
package struct StateDirectory: Sendable {
    /// The largest file that is read.
    package static let fileLimit = 512 << 20

    /// Where it is.
    package let path: String

    /// Opens the directory and makes it, and those above it, where they are missing.
    package init(_ path: String) throws(StateDirectoryError) {
        self.path = path
        var made = ""
        for part in path.split(separator: "/") {
            made += "/" + part
            if mkdir(made, 0o700) != 0, errno != EEXIST { throw Self.failure("make the directory", made) }
        }
        var facts = stat()
        guard stat(path, &facts) == 0 else { throw Self.failure("look at the directory", path) }
        guard facts.st_mode & S_IFMT == S_IFDIR else {
            throw StateDirectoryError(operation: "use", path: path, reason: "it is not a directory")
        }
    }

    /// A directory that others made; nothing is looked at yet.
    init(existing path: String) {
        self.path = path
    }

    /// A directory that is only read; it is not made, and keeps its mode.
    package init(reading path: String) throws(StateDirectoryError) {
        self.path = path
        guard access(path, R_OK | X_OK) == 0 else { throw Self.failure("read the directory", path) }
    }

    /// A directory inside this one, for this node alone (0700).
    package func inside(_ name: String) throws(StateDirectoryError) -> StateDirectory {
        let inner = try StateDirectory("\(path)/\(name)")
        guard chmod(inner.path, 0o700) == 0 else { throw Self.failure("protect the directory", inner.path) }
        return inner
    }

    /// The content of a file, nil if there is none.
    package func read(_ name: String) throws(StateDirectoryError) -> [UInt8]? {
        let file = "\(path)/\(name)"
        if access(file, F_OK) != 0, errno == ENOENT { return nil }
        return try Self.readFile(file)
    }

    /// Replaces a file in one step: after a crash it is the old one or the new one, in full.
    package func write(_ name: String, _ bytes: [UInt8]) throws(StateDirectoryError) {
        let file = "\(path)/\(name)"
        let draft = file + ".new"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure("write", draft) }
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let failure = Self.failure("write", draft)
                close(descriptor)
                unlink(draft)
                throw failure
            }
            written += count
        }
        let isSafe = fsync(descriptor) == 0
        let failure = Self.failure("write", draft)
        close(descriptor)
        guard isSafe, rename(draft, file) == 0 else {
            unlink(draft)
            throw failure
        }
        // The new name must survive a power cut too.
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if folder >= 0 {
            fsync(folder)
            close(folder)
        }
    }

    /// Removes a file; one that is not there counts as removed.
    package func remove(_ name: String) {
        unlink("\(path)/\(name)")
    }

    /// The names of the files that end in `suffix`.
    package func files(suffix: String) throws(StateDirectoryError) -> [String] {
        guard let listing = opendir(path) else { throw Self.failure("list", path) }
        defer { closedir(listing) }
        var names: [String] = []
        while let entry = readdir(listing) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasSuffix(suffix), name != suffix { names.append(name) }
        }
        return names.sorted()
    }

    /// The content of any file.
    package static func readFile(_ file: String) throws(StateDirectoryError) -> [UInt8] {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("read", file) }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure("read", file) }
            if count == 0 { return content }
            guard content.count + count <= fileLimit else {
                throw StateDirectoryError(operation: "read", path: file, reason: "it is larger than \(fileLimit) bytes")
            }
            content += buffer[..<count]
        }
    }

    private static func failure(_ operation: String, _ path: String) -> StateDirectoryError {
        let number = errno
        let reason = strerror(number).map { String(cString: $0) } ?? "error \(number)"
        return StateDirectoryError(operation: operation, path: path, reason: reason)
    }
}
