/// What `ambitd serve` is started with; a plain value, read once from the command line.
package struct DaemonConfiguration: Sendable {
    /// Keys, certificates and the database; mode 0700.
    package var stateDirectory: String
    package var api: ListenAddress
    package var grpc: ListenAddress
    package var metrics: ListenAddress
    /// Where hosts that have no certificate yet may ask for one with a token.
    package var join: ListenAddress
    /// Lifetimes of certificates.
    package var authority = AuthorityConfiguration()
    /// The trust domain of all identities; fixed by the first start.
    package var trustDomain: String
    /// Names and addresses that nodes and administrators reach this host by, as the administrator said; empty where nothing
    /// was said.
    package var advertisedNames: [String]
    /// This host's addresses and name: what it is reached by where nothing is advertised and a server listens on every address.
    package var ownNames: [String]
    /// The program's version.
    package var version: String

    package init(
        stateDirectory: String, api: ListenAddress, grpc: ListenAddress, metrics: ListenAddress, join: ListenAddress,
        trustDomain: String, advertisedNames: [String], ownNames: [String], version: String
    ) {
        self.stateDirectory = stateDirectory
        self.api = api
        self.grpc = grpc
        self.metrics = metrics
        self.join = join
        self.trustDomain = trustDomain
        self.advertisedNames = advertisedNames
        self.ownNames = ownNames
        self.version = version
    }

    /// The names in the server's certificate: what was advertised or is this host's own, what is listened on, and the loopback
    /// names that are always true.
    var serverNames: [String] {
        var names = advertisedNames.isEmpty ? ownNames : advertisedNames
        let listened = [api, grpc, join].filter { !$0.isWildcard }.map(\.host)
        for name in listened + ["localhost", "127.0.0.1", "::1"] where !names.contains(name) { names.append(name) }
        return names
    }

    /// The addresses in join tokens.
    var joinAddresses: [String] { reached(join) }

    /// The address in the administrator's kubeconfig.
    var serverURL: String { "https://\(reached(api)[0])" }

    /// `HOST:PORT` of a server for each name that it is reached by; never empty. A server that listens on one address only is
    /// not reached by this host's others.
    private func reached(_ server: ListenAddress) -> [String] {
        var names = advertisedNames
        if names.isEmpty { names = server.isWildcard ? ownNames : [server.host] }
        if names.isEmpty { names = ["127.0.0.1"] }
        return names.map { "\($0.contains(":") ? "[\($0)]" : $0):\(server.port)" }
    }
}
