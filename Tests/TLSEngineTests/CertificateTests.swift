import TLSEngine
import TestCertificates
import Testing

@Suite struct CertificateTests {
    @Test func requestIsSignedIntoAWorkingCertificate() throws {
        let authority = try TestAuthority()
        let request = try CertificateSigningRequest.make(uri: Fixture.webURI)
        let certificate = try authority.sign(csrPEM: request.csrPEM)
        let facts = try CertificateFacts.parse(pem: certificate)
        #expect(facts.uriNames == [Fixture.webURI])
        #expect(facts.serialNumber == "4d")
        #expect(facts.notAfter - facts.notBefore == 86_400)
        _ = try TLSContext(
            role: .server,
            material: TLSIdentityMaterial(
                certificateChainPEM: certificate, privateKeyPEM: request.keyPEM, rootsPEM: authority.rootPEM),
            verification: .trustDomain("cluster.local"))
        #expect(try CertificateFacts.parseAll(pem: certificate + authority.rootPEM).count == 2)
    }

    @Test(arguments: ["", "spiffe://a b", "spiffe://\u{e9}"])
    func badURIsAreRefused(uri: String) {
        #expect(throws: TLSError.self) { try CertificateSigningRequest.make(uri: uri) }
    }

    @Test func errorsNameWhatIsWrong() throws {
        let fixture = try Fixture.shared.get()
        func message(_ chain: String, _ key: String, _ roots: String) -> String {
            do throws(TLSError) {
                _ = try TLSContext(
                    role: .client,
                    material: TLSIdentityMaterial(certificateChainPEM: chain, privateKeyPEM: key, rootsPEM: roots),
                    verification: .identities([]))
                return ""
            } catch {
                return error.message
            }
        }
        let (certificate, key, root) = (fixture.web.certificatePEM, fixture.web.keyPEM, fixture.authority.rootPEM)
        #expect(message(certificate, key, root) == "")
        #expect(message("", key, root).hasPrefix("the certificate chain holds no PEM certificate"))
        #expect(message(certificate, "nonsense", root).hasPrefix("the private key cannot be read"))
        #expect(message(certificate, fixture.shop.keyPEM, root).hasPrefix("the private key does not belong"))
        #expect(message(certificate, key, "").hasPrefix("the root bundle holds no PEM certificate"))
        let broken = root + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
        #expect(message(certificate, key, broken).hasPrefix("certificate 2 of the root bundle cannot be read"))
    }
}
