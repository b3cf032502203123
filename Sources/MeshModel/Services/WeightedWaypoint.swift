/// One of several waypoints of a service, with its share of the connections.
package struct WeightedWaypoint: Hashable, Sendable {
    /// Where it is.
    package let waypoint: GatewayAddress
    /// Its share, relative to the others; zero takes none.
    package let weight: UInt32

    /// The share `weight` of `waypoint`.
    package init(_ waypoint: GatewayAddress, weight: UInt32) {
        self.waypoint = waypoint
        self.weight = weight
    }
}
