/// What a peer's certificate must say, on top of a valid chain, dates and extended key usage (Z 2.1).
package enum TLSPeerVerification: Hashable, Sendable {
    /// At least one SPIFFE workload identity of this trust domain. For servers: any workload of the mesh may connect,
    /// authorisation is separate.
    case trustDomain(String)
    /// One URI name equal to one of these. For tunnel clients. An empty list always fails.
    case identities([String])
    /// A DNS or IP name that matches one of these. For the node's own client to `ambitd`.
    case hostname([String])
    /// Nothing: the certificate is not looked at. For health probes over HTTPS alone, which carry no secret and decide
    /// nothing but whether a workload answers.
    case unverified
}
