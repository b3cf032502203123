import MeshModel

/// What is known of one CONNECT: who the client proved to be, where it says it is, and what it asked for.
struct ClientFacts {
    /// Proven by its certificate.
    let identity: SPIFFEIdentity
    /// As its ztunnel says.
    let address: String
    /// A service or workload of this waypoint.
    let target: WaypointTarget
}
