package import MeshModel

/// The identity that the peer of a tunnel proved, held once for all of the tunnel's streams.
package final class PeerIdentity {
    /// The first URI of the peer's certificate that has the SPIFFE form.
    package let identity: SPIFFEIdentity

    /// Wraps an identity.
    package init(_ identity: SPIFFEIdentity) { self.identity = identity }
}
