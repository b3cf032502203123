internal import CLinux
internal import Glibc

/// A network namespace held open by a descriptor of its nsfs file, so it lives on even if its last process ends.
///
/// Any thread may call `run`; the thread must be in the process's own namespace before (every thread is, outside of `run`),
/// and calls must not nest. Entering and leaving costs about 3 microseconds.
package final class NetworkNamespace: Sendable {
    /// What tells two namespaces apart: the device and inode of their nsfs files.
    package struct Identity: Hashable, Sendable {
        /// Device number of the nsfs.
        package let device: UInt64
        /// Inode number.
        package let inode: UInt64
    }

    private let descriptor: Descriptor
    /// Equal for two handles of one namespace.
    package let identity: Identity

    /// Takes a descriptor of an nsfs file, such as one received over ZDS.
    package init(_ descriptor: consuming Descriptor) throws(Errno) {
        var device: UInt64 = 0
        var inode: UInt64 = 0
        _ = try Errno.check(unsafe clinux_namespace_identity(descriptor.raw, &device, &inode))
        self.descriptor = descriptor
        identity = Identity(device: device, inode: inode)
    }

    /// Opens a path such as `/run/netns/name` or `/proc/1234/ns/net`.
    package convenience init(path: String) throws(Errno) {
        try self.init(Descriptor(readingFrom: path))
    }

    /// A path that leads other processes to it, for as long as this handle lives.
    package var path: String { "/proc/\(getpid())/fd/\(descriptor.raw)" }

    /// The namespace of the calling thread.
    package static func current() throws(Errno) -> NetworkNamespace {
        try NetworkNamespace(path: "/proc/thread-self/ns/net")
    }

    // The namespace of the process's main thread, which `run` never moves for longer than its body.
    private static let home = try? NetworkNamespace(path: "/proc/self/ns/net")

    /// The namespace of the process itself; nil where /proc is not mounted.
    package static var own: Identity? { home?.identity }

    /// Runs `body` with the calling thread in this namespace. What it opens belongs to the namespace for good. Failing to
    /// come back ends the process: a worker in the wrong namespace would send traffic where it does not belong.
    package func run<Value: ~Copyable>(_ body: () throws(Errno) -> Value) throws(Errno) -> Value {
        guard let home = Self.home else { throw .noSuchFile }
        if home.identity == identity { return try body() }
        _ = try Errno.check(clinux_setns(descriptor.raw))
        defer {
            if clinux_setns(home.descriptor.raw) != 0 { abort() }
        }
        return try body()
    }
}
