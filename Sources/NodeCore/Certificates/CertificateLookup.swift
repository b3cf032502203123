package import TLSEngine

/// The answer of a `CertificateSource` for one identity and role at one moment.
package enum CertificateLookup: Sendable {
    /// A context built from a certificate that is valid now.
    case ready(TLSContext)
    /// A certificate has been asked for and has not arrived: wait with `CertificateSource.fetch`.
    case pending
    /// There is none, and the last attempt failed for this reason. Connections of the identity are refused (Z 5.4).
    case failed(String)
}
