package import LinuxSystem

/// What a listening socket is, and so the name by which it is passed on: to the next process, and to systemd's store.
///
/// The text is short because systemd passes all names in one environment variable, which the kernel limits to 128 KiB. A
/// socket keeps its network namespace alive, so an inode in a stored name cannot come to mean another namespace.
package enum SocketName: Hashable, Sendable {
    /// What the socket carries.
    package enum Transport: Character, Hashable, Sendable {
        /// A listening TCP socket.
        case tcp = "t"
        /// A bound UDP socket.
        case udp = "u"
    }

    /// `namespace` is the inode of the network namespace that it was made in.
    case ip(namespace: UInt64, Transport, SocketAddress)
    /// A listening unix socket of the node: the stem of its file's name, lower-case letters.
    case unix(String)
}

extension SocketName: LosslessStringConvertible {
    /// `f0000219.t15008` for [::]:15008; `a4`, `l4`, `l6` or `x` and the address in hexadecimal follow for other addresses.
    package var description: String {
        switch self {
        case .unix(let name): return "unix.\(name)"
        case .ip(let namespace, let transport, let address):
            return "\(String(namespace, radix: 16)).\(transport.rawValue)\(address.port)\(Self.suffix(address))"
        }
    }

    private static func suffix(_ address: SocketAddress) -> String {
        switch address {
        case .any6(port: address.port): ""
        case .any4(port: address.port): "a4"
        case .loopback4(port: address.port): "l4"
        case .loopback6(port: address.port): "l6"
        default:
            "x" + address.ipBytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        }
    }

    /// Reads a name; nil for what `description` never gives.
    package init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        if parts[0] == "unix" {
            let isName =
                !parts[1].isEmpty && parts[1].utf8.allSatisfy { $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z") }
            guard isName else { return nil }
            self = .unix(String(parts[1]))
            return
        }
        var rest = parts[1]
        guard let namespace = UInt64(parts[0], radix: 16), let transport = rest.popFirst().flatMap(Transport.init)
        else {
            return nil
        }
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        guard let port = UInt16(digits), let address = Self.address(rest.dropFirst(digits.count), port) else {
            return nil
        }
        self = .ip(namespace: namespace, transport, address)
        // One socket has one name: leading zeros, capitals and the long form of a short address are refused.
        guard description == text else { return nil }
    }

    private static func address(_ suffix: Substring, _ port: UInt16) -> SocketAddress? {
        switch suffix {
        case "": return .any6(port: port)
        case "a4": return .any4(port: port)
        case "l4": return .loopback4(port: port)
        case "l6": return .loopback6(port: port)
        default:
            guard suffix.first == "x", suffix.utf8.count % 2 == 1 else { return nil }
            let digits = Array(suffix.dropFirst())
            let bytes = stride(from: 0, to: digits.count, by: 2).compactMap {
                UInt8(String(digits[$0...($0 + 1)]), radix: 16)
            }
            guard bytes.count * 2 == digits.count else { return nil }
            return SocketAddress(ipBytes: bytes, port: port)
        }
    }
}
