import MeshModel

/// The facts of a connection in the forms that matches compare, made once for all policies.
struct PeerFacts {
    let connection: ConnectionFacts
    /// "" without an identity.
    let namespace: String
    /// The SPIFFE id without its scheme; nil without an identity.
    let principal: String?

    init(_ connection: ConnectionFacts) {
        self.connection = connection
        namespace = connection.identity?.namespace ?? ""
        principal = connection.identity?.principal
    }
}
