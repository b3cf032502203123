import TLSEngine
import TestCertificates

/// A server called localhost, and clients, outside the mesh.
enum PublicPair {
    static let shared = Result { try Contexts() }

    struct Contexts: Sendable {
        let authority: TestAuthority
        let serverIssued: TestAuthority.Issued
        let clientIssued: TestAuthority.Issued
        /// Asks for no certificate.
        let server: PublicTLSContext
        /// Demands one of the authority.
        let strict: PublicTLSContext
        let client: PublicTLSContext
        /// Has a certificate.
        let known: PublicTLSContext

        init() throws {
            authority = try TestAuthority(name: "public")
            var names = TestAuthority.Options()
            names.otherNames = ["DNS:localhost", "IP:127.0.0.1"]
            serverIssued = try authority.issue(names)
            clientIssued = try authority.issue(.init("spiffe://outside/client"))
            let trust = TLSTrust.roots(authority.rootPEM, revocations: nil)
            func own(_ issued: TestAuthority.Issued) -> TLSCertificate {
                TLSCertificate(chainPEM: issued.certificatePEM, keyPEM: issued.keyPEM)
            }
            var settings = PublicTLSServerSettings(certificates: [own(serverIssued)])
            settings.protocols = ["h2", "http/1.1"]
            server = try PublicTLSContext(server: settings)
            settings.clients = .required(trust, .any)
            strict = try PublicTLSContext(server: settings)
            client = try PublicTLSContext(client: PublicTLSClientSettings(trust: trust))
            known = try PublicTLSContext(
                client: PublicTLSClientSettings(trust: trust, certificate: own(clientIssued)))
        }
    }
}
