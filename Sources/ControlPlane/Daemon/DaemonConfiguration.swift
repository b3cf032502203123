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
    /// Names and addresses that nodes and administrators reach this host by, in the server's certificate.
    package var advertisedNames: [String]
    /// The program's version.
    package var version: String

    package init(
        stateDirectory: String, api: ListenAddress, grpc: ListenAddress, metrics: ListenAddress, join: ListenAddress,
        trustDomain: String, advertisedNames: [String], version: String
    ) {
        self.stateDirectory = stateDirectory
        self.api = api
        self.grpc = grpc
        self.metrics = metrics
        self.join = join
        self.trustDomain = trustDomain
        self.advertisedNames = advertisedNames
        self.version = version
    }

    /// The server's names: what was advertised, and the loopback names that are always true.
    var serverNames: [String] {
        var names = advertisedNames
        for name in ["localhost", "127.0.0.1", "::1"] where !names.contains(name) { names.append(name) }
        return names
    }

    /// The addresses in join tokens.
    var joinAddresses: [String] {
        (advertisedNames.isEmpty ? ["127.0.0.1"] : advertisedNames).map { name in
            "\(name.contains(":") ? "[\(name)]" : name):\(join.port)"
        }
    }

    /// The address in the administrator's kubeconfig.
    var serverURL: String {
        let name = advertisedNames.first ?? "127.0.0.1"
        return "https://\(name.contains(":") ? "[\(name)]" : name):\(api.port)"
    }
}
