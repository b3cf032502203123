package import MeshModel

/// What becomes of a captured connection (Z 3).
package enum OutboundDecision: Sendable, Equatable {
    /// The mesh does not know the destination, or leaves it alone: plain TCP to where the application wanted to go.
    case passthrough(TransportAddress)
    /// A CONNECT stream in a tunnel.
    case hbone(HBONERoute)
    /// Plain TCP to a workload that has no tunnel.
    case tcp(TCPRoute)
    /// Nothing: the connection is closed.
    case refuse(OutboundRefusal)
}
