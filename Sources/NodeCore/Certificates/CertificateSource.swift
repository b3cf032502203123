package import MeshModel
package import TLSEngine

/// Certificates of the identities that this node hosts, whatever their origin: the CA client, files, or a test.
///
/// Implementations are called from every worker and from the control loop, and never block: a lookup reads what is there,
/// a fetch registers a completion.
package protocol CertificateSource: Sendable {
    /// Changes whenever any lookup may answer differently. Workers cache lookups for as long as it stays the same, so it
    /// must be cheap to read (an atomic load).
    var generation: UInt64 { get }

    /// The TLS context of `identity` for one side of a tunnel. The same context object is handed out until the
    /// certificate is renewed, so that a context is not built per connection.
    func context(for identity: SPIFFEIdentity, role: TLSRole) -> CertificateLookup

    /// Asks for the certificate of `identity` with real-time priority. `completion` is called exactly once, on any thread,
    /// with nil when `context(for:role:)` has become `.ready`, or with the reason of the failure.
    func fetch(_ identity: SPIFFEIdentity, completion: @escaping @Sendable (_ failure: String?) -> Void)
}
