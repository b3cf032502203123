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

    /// The server of a Gateway.
    package init(namespace: String, name: String, port: UInt16, hosts: [String]) {
        gateway = "\(namespace)/\(name)"
        self.namespace = namespace
        self.port = port
        self.hosts = hosts
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
}
