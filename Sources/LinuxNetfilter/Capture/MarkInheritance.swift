internal import LinuxSystem

/// `net.ipv4.tcp_fwmark_accept` of the calling thread's network namespace: accepted sockets take over the mark of the packet
/// that opened the connection, in both families.
///
/// The kernel takes any value but 0 for "on". We add 2 to what stands there, so that taking it away again needs no memory of
/// what it was, and doing either twice changes nothing.
enum MarkInheritance {
    private static let path = "/proc/sys/net/ipv4/tcp_fwmark_accept"
    private static let ours = 2

    /// Switches it on.
    static func enable() throws(NetfilterError) {
        try change { $0 < ours ? $0 + ours : $0 }
    }

    /// Puts back what was there before `enable`.
    static func restore() throws(NetfilterError) {
        try change { $0 < ours ? $0 : $0 - ours }
    }

    private static func change(_ next: (Int) -> Int) throws(NetfilterError) {
        do throws(Errno) {
            let text = try KernelFile.read(path, limit: 16)
            let value = Int(text.split(separator: "\n").first ?? "") ?? 0
            let wanted = next(value)
            if wanted != value { try KernelFile.write(path, "\(wanted)\n") }
        } catch {
            throw NetfilterError(
                operation: "set net.ipv4.tcp_fwmark_accept (\(path) must be writable)", reason: "\(error)",
                number: error.rawValue)
        }
    }
}
