/// An IP address and a port.
package struct TransportAddress: Hashable, Sendable, LosslessStringConvertible {
    /// The address.
    package let ip: IPAddress
    /// The port.
    package let port: UInt16

    /// The port `port` of `ip`.
    package init(ip: IPAddress, port: UInt16) {
        self.ip = ip
        self.port = port
    }

    /// Parses "192.0.2.1:80" or "[2001:db8::1]:80".
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        var host = text[..<colon]
        if host.first == "[" {
            guard host.last == "]", host.count > 2 else { return nil }
            host = host.dropFirst().dropLast()
            guard host.contains(":") else { return nil }
        } else if host.contains(":") {
            return nil
        }
        guard digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let port = UInt16(digits), let ip = IPAddress(host)
        else { return nil }
        self.init(ip: ip, port: port)
    }

    package var description: String { ip.isIPv4 ? "\(ip):\(port)" : "[\(ip)]:\(port)" }
}
