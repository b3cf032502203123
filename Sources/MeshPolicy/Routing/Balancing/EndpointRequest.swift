/// What the choice of an endpoint depends on besides the cluster.
package struct EndpointRequest: Sendable {
    /// The hash of what must be alike; nil where nothing must.
    package var hash: UInt64?
    /// Endpoints that were tried, so that others are drawn first.
    package var tried: [ClusterEndpoint.ID] = []
    /// False where the client connected to a service, whose address is nobody's: any endpoint then stands for it.
    package var knowsDestination = true
    /// Priorities to leave if others have endpoints, one bit each.
    package var triedPriorities: UInt64 = 0

    /// A first try.
    package init() {}
}
