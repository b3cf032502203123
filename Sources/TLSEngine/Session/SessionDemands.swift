/// What one session demands of its peer, taken from the context that it uses.
struct SessionDemands: Sendable {
    /// Whose names are good.
    enum Names: Sendable {
        /// A peer of the mesh.
        case mesh(TLSPeerVerification)
        /// Anybody else.
        case ordinary(TLSPeerNames)
    }

    var names: Names
    /// Whether a connection that does not come to `h2` in ALPN is refused.
    var onlyHTTP2: Bool
    /// Whether a connection without a verified certificate is refused.
    var needsCertificate: Bool
    /// What a server chooses from in ALPN, the best first.
    var protocols: [[UInt8]]
    /// Which certificates are good besides.
    var pins = TLSCertificatePins()
}
