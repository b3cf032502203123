import Glibc
package import LinuxSystem

/// The file of a unix socket.
package enum UnixFile {
    /// Whether there is a file.
    package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Removes a socket file that a dead process left behind. Throws when a living one listens there.
    package static func replaceable(_ path: String, _ kind: UnixSocket.Kind) throws(Errno) {
        guard exists(path) else { return }
        do throws(Errno) {
            _ = try UnixSocket.connect(to: path, kind)
        } catch {
            unlink(path)
            return
        }
        throw .addressInUse
    }

    /// Removes the file.
    package static func remove(_ path: String) {
        unlink(path)
    }

    /// Runs `body` with a mask that leaves new files to their owner. At the start only: the mask is the process's.
    package static func withPrivateMode<Value: ~Copyable>(_ body: () throws(Errno) -> Value) throws(Errno) -> Value {
        let before = umask(0o177)
        defer { umask(before) }
        return try body()
    }
}
