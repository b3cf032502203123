/// Which of its names a peer outside the mesh must prove, on top of a valid chain, dates and extended key usage.
package enum TLSPeerNames: Hashable, Sendable {
    /// Any: whoever has a certificate of the roots.
    case any
    /// One of these, each compared with URI names as it is, and with DNS (wildcards of the certificate count) and IP names. The common
    /// name is not looked at. An empty list always fails.
    case oneOf([String])
}
