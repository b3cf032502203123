/// Whom a client outside the mesh's own connections trusts.
package enum TLSTrust: Hashable, Sendable {
    /// Certificates of these roots (PEM text), less those on the lists of revocations (PEM text), where there are any.
    case roots(String, revocations: String?)
    /// The roots of this machine, where OpenSSL looks for them (`SSL_CERT_FILE` and `SSL_CERT_DIR` replace them).
    case system
    /// Anybody: the certificate is not looked at. Only where configuration says `insecureSkipVerify`.
    case unverified
}
