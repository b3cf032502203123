internal import CLinux

/// The datagram socket on which the service manager hears of its service (sd_notify(3)).
package struct NotifySocket: Hashable, Sendable {
    /// How long a send may wait for a service manager that is busy.
    package static let patience: Duration = .seconds(2)

    private let path: String

    /// The socket that NOTIFY_SOCKET names: a path, or an abstract name that begins with `@`. Nil for anything else.
    package init?(_ path: String?) {
        guard let path, path.hasPrefix("/") || path.hasPrefix("@") else { return nil }
        self.path = path
    }

    /// Sends `message`, such as `READY=1`, with a descriptor if `passing` is given; the receiver gets a duplicate of it.
    package func send(_ message: String, passing descriptor: CInt? = nil) throws(Errno) {
        let bytes = Array(message.utf8)
        let wait = CInt(Self.patience / .milliseconds(1))
        let result = unsafe bytes.withUnsafeBytes { bytes in
            unsafe path.withCString {
                unsafe clinux_notify($0, bytes.baseAddress, bytes.count, descriptor ?? -1, wait)
            }
        }
        _ = try Errno.check(result)
    }
}
