internal import LinuxSystem

/// Answers with the mark of what they answer, in the calling thread's network namespace: accepted sockets take over the mark of
/// the packet that opened the connection (`tcp_fwmark_accept`, both families), and refusals, which have no socket, that of
/// the packet they refuse (`fwmark_reflect`).
///
/// The kernel takes any value but 0 for "on". We add 2 to what stands there, so that taking it away again needs no memory of
/// what it was, and doing either twice changes nothing.
enum MarkInheritance {
    private static let settings = ["ipv4/tcp_fwmark_accept", "ipv4/fwmark_reflect", "ipv6/fwmark_reflect"]
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
        for setting in settings {
            let path = "/proc/sys/net/\(setting)"
            do throws(Errno) {
                let text = try KernelFile.read(path, limit: 16)
                let value = Int(text.split(separator: "\n").first ?? "") ?? 0
                let wanted = next(value)
                if wanted != value { try KernelFile.write(path, "\(wanted)\n") }
            } catch .noSuchFile where setting.hasPrefix("ipv6") {
                // A kernel without IPv6.
                continue
            } catch {
                throw NetfilterError(
                    operation: "set \(path), which must be writable", reason: "\(error)", number: error.rawValue)
            }
        }
    }
}
