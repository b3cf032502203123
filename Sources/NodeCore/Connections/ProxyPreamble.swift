package import LinuxSystem

/// The PROXY protocol's preamble: version 2 as an application tunnel asks for it (Z 2.8), and both versions for endpoints of a waypoint.
///
/// It names the client's and the workload's addresses, and the client's SPIFFE identity in the TLV 0xD0.
package enum ProxyPreamble {
    /// The TLV that carries the peer's SPIFFE identity.
    private static let identityType: UInt8 = 0xD0
    private static let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]

    /// The bytes to send before the first byte of the connection. Two families that differ are both written as IPv6, IPv4
    /// in its mapped form. Without a source it is the proxy's own connection (LOCAL).
    package static func make(source: SocketAddress?, destination: SocketAddress, identity: String?) -> [UInt8] {
        guard let source else { return signature + [0x20, 0, 0, 0] }
        let isIPv4 = source.isIPv4 && destination.isIPv4
        var body: [UInt8] = []
        body += isIPv4 ? source.ipBytes : sixteenBytes(source)
        body += isIPv4 ? destination.ipBytes : sixteenBytes(destination)
        append(source.port, to: &body)
        append(destination.port, to: &body)
        if let identity {
            // A SPIFFE URI from a certificate is far shorter than what sixteen bits can say; longer ones carry no TLV.
            let bytes = Array(identity.utf8)
            if let length = UInt16(exactly: bytes.count), bytes.count <= 2048 {
                body.append(identityType)
                append(length, to: &body)
                body += bytes
            }
        }
        var preamble = signature
        preamble.append(0x21)  // version 2, command PROXY
        preamble.append(isIPv4 ? 0x11 : 0x21)  // family, STREAM
        append(UInt16(truncatingIfNeeded: body.count), to: &preamble)
        return preamble + body
    }

    /// The same in version 1, a line of text.
    package static func text(source: SocketAddress?, destination: SocketAddress) -> [UInt8] {
        guard let source else { return Array("PROXY UNKNOWN\r\n".utf8) }
        let isIPv4 = source.isIPv4 && destination.isIPv4
        func text(_ address: SocketAddress) -> String {
            !isIPv4 && address.isIPv4 ? "::ffff:\(address.ipText)" : address.ipText
        }
        let family = isIPv4 ? "TCP4" : "TCP6"
        let line = "PROXY \(family) \(text(source)) \(text(destination)) \(source.port) \(destination.port)\r\n"
        return Array(line.utf8)
    }

    private static func append(_ value: UInt16, to bytes: inout [UInt8]) {
        bytes.append(UInt8(truncatingIfNeeded: value >> 8))
        bytes.append(UInt8(truncatingIfNeeded: value))
    }

    private static func sixteenBytes(_ address: SocketAddress) -> [UInt8] {
        let bytes = address.ipBytes
        guard bytes.count == 4 else { return bytes }
        return [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF] + bytes
    }
}
