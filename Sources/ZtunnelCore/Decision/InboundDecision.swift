/// What becomes of a CONNECT request (Z 4.1, 4.2). Policies are asked afterwards, about `InboundRoute.destination`.
package enum InboundDecision: Sendable, Equatable {
    /// To the workload.
    case forward(InboundRoute)
    /// An error response.
    case refuse(InboundRefusal)
}
