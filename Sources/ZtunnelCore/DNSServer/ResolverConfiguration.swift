package import LinuxSystem
import MeshModel
import NodeCore

/// The resolvers that questions are passed on to: AMBIT_DNS_UPSTREAM, or the `nameserver` lines of a resolv.conf(5).
package struct ResolverConfiguration: Equatable, Sendable {
    /// Resolvers that are used; the rest is ignored, as the C library does.
    package static let serverLimit = 3

    /// In the order in which they are asked.
    package let servers: [SocketAddress]

    /// These resolvers.
    package init(servers: [SocketAddress]) {
        self.servers = Array(servers.prefix(Self.serverLimit))
    }

    /// Reads a resolv.conf; lines that are not understood are skipped, as the C library does.
    package init(resolvConf text: String) {
        var servers: [SocketAddress] = []
        for line in text.split(separator: "\n") {
            let words = line.split { $0 == " " || $0 == "\t" }
            // A zone (fe80::1%eth0) would mean an interface of another namespace: such a server is left out.
            guard words.count >= 2, words[0] == "nameserver", let address = Self.address(String(words[1])) else {
                continue
            }
            servers.append(address)
        }
        self.init(servers: servers)
    }

    /// Reads `ip` or `ip:port`, with brackets around an IPv6 address that has a port.
    package static func address(_ text: String) -> SocketAddress? {
        if let ip = IPAddress(text) { return SocketAddress(ip, port: 53) }
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]), port > 0 else {
            return nil
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        return IPAddress(String(host)).flatMap { SocketAddress($0, port: port) }
    }
}
