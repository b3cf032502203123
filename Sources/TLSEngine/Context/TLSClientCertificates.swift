/// What a server outside the mesh's own connections wants of its clients' certificates.
package enum TLSClientCertificates: Hashable, Sendable {
    /// None is asked for.
    case notAsked
    /// One is asked for; a client may go without, but one that it presents must be good.
    case optional(TLSTrust, TLSPeerNames)
    /// Without a good one there is no connection.
    case required(TLSTrust, TLSPeerNames)
    /// One is asked for, or demanded, and any is taken: whoever reads it has to judge it. Only where configuration says
    /// `insecureSkipVerify`.
    case unverified(isRequired: Bool)
}
