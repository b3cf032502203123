package import FoundationEssentials
package import GRPCCore
import GRPCNIOTransportHTTP2Posix
import X509

/// The node at the other end of a call, as its verified client certificate names it (DESIGN D7).
package struct NodePeer: Sendable, Equatable {
    /// The node's name.
    package let name: String
    /// The serial number of its certificate, lower-case hexadecimal.
    package let serialNumber: String
    /// When its certificate expires.
    package let certificateExpires: Date
    /// Where it connects from, `address:port`.
    package let address: String

    /// A peer with these facts; the TLS layer's way is below.
    package init(name: String, serialNumber: String, certificateExpires: Date, address: String) {
        self.name = name
        self.serialNumber = serialNumber
        self.certificateExpires = certificateExpires
        self.address = address
    }

    /// Reads the certificate that the TLS layer verified against our roots.
    ///
    /// Throws UNAUTHENTICATED where there is none, and PERMISSION_DENIED where it names a workload or a person, or a node of
    /// another trust domain.
    package init(_ context: ServerContext, trustDomain: String) throws(RPCError) {
        guard let transport = context.transportSpecific as? HTTP2ServerTransport.Posix.Context,
            let certificate = transport.peerCertificate
        else {
            throw RPCError(
                code: .unauthenticated,
                message: "no client certificate was shown; connect with the node's certificate and key")
        }
        let names = (try? certificate.extensions.subjectAlternativeNames).flatMap { $0 }.map(Array.init) ?? []
        let prefix = "spiffe://\(trustDomain)/ambit/node/"
        let nodes = names.compactMap { name -> String? in
            guard case .uniformResourceIdentifier(let uri) = name, uri.hasPrefix(prefix) else { return nil }
            return String(uri.dropFirst(prefix.count))
        }
        guard names.count == 1, let node = nodes.first, NodeName.isValid(node) else {
            let shown = names.map { "\($0)" }.joined(separator: ", ")
            throw RPCError(
                code: .permissionDenied,
                message: "the client certificate names \(shown.isEmpty ? "nobody" : shown), not one node "
                    + "(\(prefix)NAME); a node gets one with `ambitctl join`")
        }
        name = node
        serialNumber = Authority.hexadecimal(certificate.serialNumber)
        certificateExpires = certificate.notValidAfter
        address = Self.plainAddress(context.remotePeer)
    }

    /// `ipv4:1.2.3.4:5` or `ipv6:[::1]:5` (gRPC's form) without the family.
    private static func plainAddress(_ peer: String) -> String {
        for family in ["ipv4:", "ipv6:"] where peer.hasPrefix(family) { return String(peer.dropFirst(family.count)) }
        return peer
    }
}
