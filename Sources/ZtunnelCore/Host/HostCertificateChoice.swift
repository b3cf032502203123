package import MeshModel

/// With whose certificate a tunnel to the host's address is answered (D4).
package enum HostCertificateChoice: Sendable, Hashable {
    /// With that of this identity.
    case identity(SPIFFEIdentity)
    /// With none: the handshake ends, and the log says why.
    case refuse(String)
}
