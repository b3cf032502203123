package import MeshModel

/// What the choice of an endpoint depends on besides the cluster.
package struct EndpointRequest: Sendable {
    /// The hash of what must be alike; nil where nothing must.
    package var hash: UInt64?
    /// Endpoints that were tried, so that others are drawn first.
    package var tried: [ClusterEndpoint.ID] = []
    /// Where the client itself wants to go, for a service without endpoints of its own (resolution NONE); else nil.
    package var destination: IPAddress?
    /// Priorities to leave if others have endpoints, one bit each.
    package var triedPriorities: UInt64 = 0

    /// A first try.
    package init() {}
}
