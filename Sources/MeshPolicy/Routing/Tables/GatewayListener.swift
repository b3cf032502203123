import MeshModel

/// One server of a Gateway as routes see it (I 1.3).
package struct GatewayListener: Sendable, Hashable {
    /// The Gateway, `namespace/name`.
    package let gateway: String
    /// The Gateway's namespace.
    package let namespace: String
    /// The port that clients connect to.
    package let port: UInt16
    /// `dns`, `namespace/dns`, `./dns` or `*/dns`: hosts, and which namespaces' VirtualServices may route them.
    package let hosts: [String]
    /// Servers of one port and group share their routes. One that ends TLS is a group of its own: what a client has shown to be let
    /// in to it must not let it in to another.
    package let group: String
    /// Whether requests for its hosts are answered with a redirect to HTTPS.
    package let redirectsToHTTPS: Bool

    /// The server of a Gateway.
    package init(
        namespace: String, name: String, port: UInt16, hosts: [String], group: String = "",
        redirectsToHTTPS: Bool = false
    ) {
        gateway = "\(namespace)/\(name)"
        self.namespace = namespace
        self.port = port
        self.hosts = hosts
        self.group = group
        self.redirectsToHTTPS = redirectsToHTTPS
    }

    /// The hosts that a VirtualService of `owner` may route here, of those that it names.
    func hosts(of names: [HostName], owner: String) -> [HostName] {
        var result: [HostName] = []
        for text in hosts {
            let parts = text.split(separator: "/", maxSplits: 1).map(String.init)
            let scope = parts.count == 2 ? parts[0] : "*"
            guard scope == "*" || scope == owner || (scope == "." && owner == namespace), let dns = parts.last else {
                continue
            }
            let own = HostName(dns)
            for name in names {
                if let host = name.intersection(own), !result.contains(host) { result.append(host) }
            }
        }
        return result
    }

    /// The host that an entry of `hosts` names, without the namespace before it.
    static func host(_ text: String) -> HostName {
        HostName(text.split(separator: "/", maxSplits: 1).last.map(String.init) ?? text)
    }
}
