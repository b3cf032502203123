package import MeshModel

/// What is known of a request or connection besides its fields.
package struct RequestFacts: Sendable {
    /// Who the client is, as the tunnel's certificate and discovery say.
    package struct Client: Sendable {
        /// Its namespace.
        package let namespace: String
        /// Labels of its workload.
        package let labels: [String: String]

        /// The client of this namespace with these labels.
        package init(namespace: String, labels: [String: String]) {
            self.namespace = namespace
            self.labels = labels
        }
    }

    /// The port that was asked for: the service's, or the gateway's listener.
    package let port: UInt16
    /// Nil where the client is not known: conditions on it then do not hold.
    package let client: Client?
    /// The client's address, for hashes and conditions on subnets.
    package let source: IPAddress?
    /// The address that the client connected to, for conditions on subnets.
    package let destination: IPAddress?

    /// What is known.
    package init(port: UInt16, client: Client? = nil, source: IPAddress? = nil, destination: IPAddress? = nil) {
        self.port = port
        self.client = client
        self.source = source
        self.destination = destination
    }
}
