package import MeshModel

/// One port that a gateway opens, with the servers that share it. Plain values.
package struct GatewayPort: Sendable, Hashable {
    /// What is listened on.
    package struct Address: Hashable, Sendable, CustomStringConvertible {
        /// Nil for all addresses.
        package let bind: IPAddress?
        package let number: UInt16

        /// The port `number` of all addresses, or of one.
        package init(bind: IPAddress? = nil, number: UInt16) {
            self.bind = bind
            self.number = number
        }

        package var description: String {
            bind.map { TransportAddress(ip: $0, port: number).description } ?? "port \(number)"
        }

        /// The group of the servers that share the routes of this address.
        var group: String { bind.map { "\($0)" } ?? "" }
    }

    /// What its clients begin with: all servers of a port agree in it.
    package enum Kind: String, Sendable, Hashable {
        case http = "HTTP"
        case tcp = "TCP"
        case tls = "TLS"
    }

    package let address: Address
    package let kind: Kind
    /// In the order of their age; there is at least one.
    package internal(set) var servers: [GatewayServer]

    /// The server of a TLS connection, by the name that its client asks for: the one with the most specific host that the name is
    /// of. Without a name only one for all hosts.
    package func server(named serverName: String?) -> GatewayServer? {
        let name = serverName.map { HostName($0) }
        var best: (server: GatewayServer, host: HostName)?
        for server in servers {
            for host in server.hosts {
                guard host.text == "*" || (name?.isSubset(of: host) ?? false) else { continue }
                if let found = best, !HostName.isMoreSpecific(host, found.host) { continue }
                best = (server, host)
            }
        }
        return best?.server
    }

    /// The server for clients that have come in a tunnel of the mesh and need no TLS besides; nil where there is none.
    package var meshServer: GatewayServer? {
        servers.first { if case .mesh = $0.action { true } else { false } }
    }
}
