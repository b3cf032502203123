import MeshModel

/// A service that gets copies of requests, whose answers nobody waits for (I 2.10).
package struct MirrorRule: Sendable {
    let place: RouteDestination.Place
    let share: Percentage

    /// Where the copies of requests to `port` go; a copy that leads nowhere is not made.
    package func target(port: UInt16) -> RouteTarget { place.target(port: port) }

    /// Whether one request is copied.
    package func hits(_ random: inout some RandomNumberGenerator) -> Bool { share.hits(&random) }

    /// The copy's authority: `-shadow` after the host.
    package static func authority(_ authority: [UInt8]) -> [UInt8] { AuthorityPort.shadow(authority) }
}
