import Crypto
package import FoundationEssentials
import SwiftASN1
import X509

/// The mesh's certificate authority: signs workloads, nodes, administrators and ambitd itself.
///
/// Immutable after loading, so it is used from any task without a lock; signing is CPU work of well under a millisecond
/// (EC) and takes place on the caller's task. Keys of the authority never leave it. SPIFFE X.509-SVID 4, Istio I 5.3.
package final class Authority: Sendable {
    /// The trust domain of every SPIFFE identity that is signed here.
    package let trustDomain: String
    /// Lifetimes and clock.
    package let configuration: AuthorityConfiguration
    /// What peers verify certificates against, PEM.
    package let rootsPEM: String

    let material: SigningMaterial
    let intermediatesPEM: [String]

    /// Takes checked material; `loadOrCreate` is the way from files.
    package init(
        trustDomain: String, material: SigningMaterial, configuration: AuthorityConfiguration
    ) throws(AuthorityError) {
        self.trustDomain = trustDomain
        self.configuration = configuration
        self.material = material
        intermediatesPEM = try material.intermediates.map { (certificate) throws(AuthorityError) in
            try Self.pem(certificate)
        }
        rootsPEM = try material.roots.map { (certificate) throws(AuthorityError) in try Self.pem(certificate) }.joined()
    }

    /// When the certificate that signs expires: nothing that is issued lives longer.
    package var notAfter: Date { material.certificate.notValidAfter }

    /// The SPIFFE URI of a node: `spiffe://<trust domain>/ambit/node/<name>`.
    package func nodeURI(_ node: String) -> String { "spiffe://\(trustDomain)/ambit/node/\(node)" }

    /// A server certificate for ambitd; `names` are DNS names and IP literals, at least one.
    package func issueServerCertificate(names: [String]) throws(AuthorityError) -> IssuedCertificate {
        guard !names.isEmpty else {
            throw AuthorityError(.refuseName, "a server certificate needs at least one host name or address")
        }
        let general = names.map { name -> GeneralName in
            if let address = HostAddress.bytes(of: name) {
                return .ipAddress(ASN1OctetString(contentBytes: address[...]))
            }
            return .dnsName(name)
        }
        return try issueWithKey(
            names: general, subject: DistinguishedName(), usages: [.serverAuth], lifetime: configuration.serverLifetime)
    }

    /// A client certificate for the resource API: `commonName` is the user, `organization` the group (Kubernetes' form).
    package func issueClientCertificate(
        commonName: String, organization: String
    ) throws(AuthorityError) -> IssuedCertificate {
        let subject: DistinguishedName
        do {
            subject = try DistinguishedName {
                OrganizationName(organization)
                CommonName(commonName)
            }
        } catch {
            throw AuthorityError(
                .refuseName,
                "user \"\(commonName)\" of \"\(organization)\" cannot be written into a certificate: \(error)")
        }
        return try issueWithKey(
            names: [], subject: subject, usages: [.clientAuth], lifetime: configuration.clientLifetime)
    }

    /// A node's own certificate: what `ztunnel` shows to ambitd. The name is a DNS name of at most 253 characters.
    package func issueNodeCertificate(node: String) throws(AuthorityError) -> IssuedCertificate {
        guard NodeName.isValid(node) else {
            throw AuthorityError(
                .refuseName,
                "\"\(node)\" cannot be a node's name: use lower-case letters, digits, '-' and '.', at most 253 characters, "
                    + "beginning and ending with a letter or digit")
        }
        return try issueWithKey(
            names: [.uniformResourceIdentifier(nodeURI(node))], subject: DistinguishedName(),
            usages: [.serverAuth, .clientAuth], lifetime: configuration.nodeLifetime)
    }

    /// Signs the request of a node that joins or renews: the CSR must name exactly the node's URI. The life is the authority's
    /// choice, not the node's.
    package func signNodeCertificate(csrPEM: String, node: String) throws(AuthorityError) -> SignedWorkloadCertificate {
        try sign(csrPEM: csrPEM, identity: nodeURI(node), lifetime: configuration.joinedNodeLifetime)
    }

    /// SHA-256 of the subject public key info of the root that certificates of this authority lead to, hexadecimal: what a join
    /// token pins. It stays the same while the root's key does.
    package func rootPin() throws(AuthorityError) -> String {
        let top = material.intermediates.last ?? material.certificate
        let root =
            material.roots.first { $0 == top }
            ?? material.roots.first {
                $0.subject == top.issuer && $0.publicKey.isValidSignature(top.signature, for: top)
            }
        // Checked when the material was loaded: the path ends in a root.
        do {
            return HexadecimalText.of(SHA256.hash(data: try (root ?? top).publicKey.serializeAsPEM().derBytes))
        } catch {
            throw AuthorityError(.cannotSign, "the root's public key cannot be written: \(error)")
        }
    }

    /// Signs a workload's request: the CSR must be signed by its own key and name exactly `identity`, nothing else.
    ///
    /// `requestedLifetime` of zero or less means the default; longer than the maximum, or than the authority itself lives,
    /// is cut. Never copies anything but the public key out of the request.
    package func signWorkloadCertificate(
        csrPEM: String, identity: String, requestedLifetime: TimeInterval
    ) throws(AuthorityError) -> SignedWorkloadCertificate {
        let wanted = requestedLifetime > 0 ? requestedLifetime : configuration.defaultWorkloadLifetime
        return try sign(
            csrPEM: csrPEM, identity: identity, lifetime: min(wanted, configuration.maximumWorkloadLifetime))
    }

    private func sign(
        csrPEM: String, identity: String, lifetime: TimeInterval
    ) throws(AuthorityError) -> SignedWorkloadCertificate {
        let publicKey = try WorkloadCertificateRequest.publicKey(
            ofPEM: csrPEM, naming: identity, maximumLength: configuration.maximumRequestLength)
        let certificate = try sign(
            publicKey: publicKey, names: [.uniformResourceIdentifier(identity)], subject: DistinguishedName(),
            usages: [.serverAuth, .clientAuth], lifetime: lifetime)
        return SignedWorkloadCertificate(
            chain: [try Self.pem(certificate)] + intermediatesPEM + [rootsPEM],
            serialNumber: Self.hexadecimal(certificate.serialNumber), notAfter: certificate.notValidAfter)
    }

    private func issueWithKey(
        names: [GeneralName], subject: DistinguishedName, usages: [ExtendedKeyUsage.Usage], lifetime: TimeInterval
    ) throws(AuthorityError) -> IssuedCertificate {
        let key = P256.Signing.PrivateKey()
        let certificate = try sign(
            publicKey: Certificate.PublicKey(key.publicKey), names: names, subject: subject, usages: usages,
            lifetime: lifetime)
        return IssuedCertificate(
            certificateChainPEM: try Self.pem(certificate) + intermediatesPEM.joined(),
            privateKeyPEM: key.pemRepresentation + "\n", rootsPEM: rootsPEM,
            serialNumber: Self.hexadecimal(certificate.serialNumber), notBefore: certificate.notValidBefore,
            notAfter: certificate.notValidAfter)
    }

    func sign(
        publicKey: Certificate.PublicKey, names: [GeneralName], subject: DistinguishedName,
        usages: [ExtendedKeyUsage.Usage], lifetime: TimeInterval
    ) throws(AuthorityError) -> Certificate {
        let now = configuration.now()
        guard now < material.certificate.notValidAfter else {
            throw AuthorityError(
                .cannotSign,
                "the authority's own certificate expired at \(material.certificate.notValidAfter.ISO8601Format()); "
                    + "replace the files of the CA and restart ambitd")
        }
        let start = max(now.addingTimeInterval(-configuration.backdate), material.certificate.notValidBefore)
        let end = min(now.addingTimeInterval(lifetime), material.certificate.notValidAfter)
        do {
            var extensions = Certificate.Extensions()
            try extensions.append(
                Certificate.Extension(KeyUsage(digitalSignature: true, keyEncipherment: true), critical: true))
            try extensions.append(Certificate.Extension(ExtendedKeyUsage(usages), critical: false))
            try extensions.append(Certificate.Extension(BasicConstraints.notCertificateAuthority, critical: true))
            try extensions.append(
                Certificate.Extension(
                    AuthorityKeyIdentifier(keyIdentifier: Self.keyIdentifier(of: material.certificate)),
                    critical: false))
            if !names.isEmpty {
                // RFC 5280 4.2.1.6: critical where the subject is empty.
                try extensions.append(
                    Certificate.Extension(SubjectAlternativeNames(names), critical: subject.isEmpty))
            }
            return try Certificate(
                version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: publicKey, notValidBefore: start,
                notValidAfter: end, issuer: material.certificate.subject, subject: subject, extensions: extensions,
                issuerPrivateKey: material.key)
        } catch {
            throw AuthorityError(.cannotSign, "signing failed: \(error)")
        }
    }

    private static func keyIdentifier(of certificate: Certificate) -> ArraySlice<UInt8> {
        if let identifier = try? certificate.extensions.subjectKeyIdentifier { return identifier.keyIdentifier }
        return SubjectKeyIdentifier(hash: certificate.publicKey).keyIdentifier
    }

    static func pem(_ certificate: Certificate) throws(AuthorityError) -> String {
        do {
            return try certificate.serializeAsPEM().pemString + "\n"
        } catch {
            throw AuthorityError(.cannotSign, "a certificate cannot be written as PEM: \(error)")
        }
    }

    /// Lower-case, two digits a byte, without leading zero bytes: as OpenSSL and ztunnel write it.
    static func hexadecimal(_ serial: Certificate.SerialNumber) -> String {
        HexadecimalText.of(serial.bytes.drop { $0 == 0 })
    }
}
