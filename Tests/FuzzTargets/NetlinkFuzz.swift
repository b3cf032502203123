import LinuxNetfilter

/// One fuzz input: a datagram from the kernel, read as every kind of answer that the program reads.
enum NetlinkFuzz {
    static func read(_ bytes: [UInt8]) {
        var reader = NetlinkReader(bytes, sequence: 1)
        while let message = reader.next() {
            guard case .record(type: _, let content, interrupted: _) = message else { continue }
            _ = InterfaceAddress(message: content)
            _ = NetworkInterface(message: content)
            _ = ListeningSocket(message: content)
            _ = RouteTable.defaultInterface(message: content)
            _ = ListeningSocket(message: content)
            _ = RouteTable.defaultInterface(message: content)
        }
    }
}
