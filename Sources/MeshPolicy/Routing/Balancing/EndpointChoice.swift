package import MeshModel

/// Which endpoint a request goes to.
package enum EndpointChoice: Sendable, Hashable {
    /// The one at this place among the upstream's endpoints.
    case endpoint(Int)
    /// The address that the client asked for.
    case originalDestination(IPAddress)
    /// None: 503, flag UH, body `no healthy upstream`.
    case none

    /// The body of an answer where there is none.
    package static let noneBody = "no healthy upstream"
}
