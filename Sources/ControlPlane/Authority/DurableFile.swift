package import Glibc

/// Files that must be whole after a power cut: written beside, flushed, renamed, and the directory flushed.
package enum DurableFile {
    /// Writes `bytes` to `path` with exactly `mode`; a reader sees the old content or the new, never a part.
    ///
    /// Throws `AuthorityError.unusableFiles` naming the path and the system's reason.
    package static func write(_ bytes: [UInt8], to path: String, mode: mode_t) throws(AuthorityError) {
        let temporary = "\(path).new.\(getpid())"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode)
        guard descriptor >= 0 else { throw failure("cannot create", temporary) }
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                let error = failure("cannot write", temporary)
                close(descriptor)
                unlink(temporary)
                throw error
            }
            written += count
        }
        guard fchmod(descriptor, mode) == 0, fsync(descriptor) == 0 else {
            let error = failure("cannot flush", temporary)
            close(descriptor)
            unlink(temporary)
            throw error
        }
        close(descriptor)
        guard rename(temporary, path) == 0 else {
            let error = failure("cannot rename into place", path)
            unlink(temporary)
            throw error
        }
        try flushDirectory(of: path)
    }

    /// Reads at most `limit` bytes of the file; nil where there is no such file.
    package static func read(_ path: String, limit: Int) throws(AuthorityError) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw failure("cannot open", path)
        }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                throw failure("cannot read", path)
            }
            if count == 0 { return content }
            content.append(contentsOf: chunk[..<count])
            if content.count > limit {
                throw AuthorityError(
                    .unusableFiles, "\(path) is longer than \(limit) bytes: it is not what is expected there")
            }
        }
    }

    /// Makes the directory (and its parents) with mode 0700 where it does not exist.
    package static func makePrivateDirectory(_ path: String) throws(AuthorityError) {
        var missing: [String] = []
        var current = path
        while !current.isEmpty, current != "/", access(current, F_OK) != 0 {
            missing.append(current)
            guard let slash = current.lastIndex(of: "/") else { break }
            current = String(current[..<slash])
        }
        for directory in missing.reversed() {
            guard mkdir(directory, 0o700) == 0 || errno == EEXIST else {
                throw failure("cannot make directory", directory)
            }
        }
    }

    private static func flushDirectory(of path: String) throws(AuthorityError) {
        let directory = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("cannot open directory", directory) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("cannot flush directory", directory) }
    }

    private static func failure(_ action: String, _ path: String) -> AuthorityError {
        AuthorityError(.unusableFiles, "\(action) \(path): \(String(cString: strerror(errno)))")
    }
}
