package import FoundationEssentials
import SwiftASN1
package import X509

/// The certificate and key that sign, the intermediates up to a root, and the roots: checked to belong together.
package struct SigningMaterial: Sendable {
    /// The certificate that signs leaves: the self-signed root, or the plug-in intermediate.
    package let certificate: Certificate
    /// Its key (ECDSA P-256, P-384, P-521 or RSA).
    package let key: Certificate.PrivateKey
    /// Sent after the leaf; empty where the root itself signs.
    package let intermediates: [Certificate]
    /// What peers trust.
    package let roots: [Certificate]

    /// The most certificates between a leaf and its root. Default 8.
    package static let maximumDepth = 8

    /// Parses and checks PEM texts as Istio's plug-in CA files hold them (`ca-cert`, `ca-key`, `cert-chain`, `root-cert`).
    ///
    /// Refuses a key that is not the certificate's, a certificate that is not a CA, one that is not valid at `now`, and a
    /// chain that does not end in one of the roots. `origin` names the files in errors.
    package init(
        certificatePEM: String, keyPEM: String, chainPEM: String, rootsPEM: String, now: Date, origin: String
    ) throws(AuthorityError) {
        certificate = try Self.parse(certificatePEM, "the CA certificate", origin).first.orThrow(
            AuthorityError(.unusableFiles, "\(origin): the CA certificate file holds no certificate"))
        do {
            key = try Certificate.PrivateKey(pemEncoded: keyPEM)
        } catch {
            throw AuthorityError(
                .unusableFiles,
                "\(origin): the CA key cannot be read (\(error)); it must be an unencrypted RSA or EC key in PEM")
        }
        guard key.publicKey == certificate.publicKey else {
            throw AuthorityError(.unusableFiles, "\(origin): the CA key does not belong to the CA certificate")
        }
        roots = try Self.parse(rootsPEM, "the root certificate", origin)
        guard !roots.isEmpty else {
            throw AuthorityError(.unusableFiles, "\(origin): the root certificate file holds no certificate")
        }
        intermediates = try Self.path(
            from: certificate, through: Self.parse(chainPEM, "the certificate chain", origin), to: roots, origin: origin
        )
        try Self.check(certificate, now: now, origin: origin)
    }

    /// Material of a root that was just made.
    package init(root: Certificate, key: Certificate.PrivateKey) {
        certificate = root
        self.key = key
        intermediates = []
        roots = [root]
    }

    private static func parse(_ text: String, _ what: String, _ origin: String) throws(AuthorityError) -> [Certificate]
    {
        do {
            return try PEMDocument.parseMultiple(pemString: text).map { try Certificate(pemDocument: $0) }
        } catch {
            throw AuthorityError(.unusableFiles, "\(origin): \(what) cannot be read: \(error)")
        }
    }

    private static func check(_ certificate: Certificate, now: Date, origin: String) throws(AuthorityError) {
        guard let constraints = try? certificate.extensions.basicConstraints,
            case .isCertificateAuthority = constraints
        else {
            throw AuthorityError(
                .unusableFiles, "\(origin): the CA certificate may not sign: its basic constraints do not say CA:TRUE")
        }
        if let usage = try? certificate.extensions.keyUsage, !usage.keyCertSign {
            throw AuthorityError(.unusableFiles, "\(origin): the CA certificate's key usage lacks keyCertSign")
        }
        guard certificate.notValidBefore <= now, now < certificate.notValidAfter else {
            throw AuthorityError(
                .unusableFiles,
                "\(origin): the CA certificate is valid from \(certificate.notValidBefore.ISO8601Format()) to "
                    + "\(certificate.notValidAfter.ISO8601Format()), and it is \(now.ISO8601Format()) now; replace it")
        }
    }

    /// The signing certificate and those above it, up to but without a root.
    private static func path(
        from leaf: Certificate, through pool: [Certificate], to roots: [Certificate], origin: String
    ) throws(AuthorityError) -> [Certificate] {
        if roots.contains(leaf) { return [] }
        var path = [leaf]
        var current = leaf
        while path.count <= maximumDepth {
            if roots.contains(where: { signs($0, current) }) { return path }
            guard let next = pool.first(where: { !path.contains($0) && signs($0, current) }) else { break }
            path.append(next)
            current = next
        }
        throw AuthorityError(
            .unusableFiles,
            "\(origin): the CA certificate (\(leaf.subject)) does not lead to a root; put the certificates between "
                + "into cert-chain.pem and the root into root-cert.pem")
    }

    private static func signs(_ issuer: Certificate, _ subject: Certificate) -> Bool {
        issuer.subject == subject.issuer && issuer.publicKey.isValidSignature(subject.signature, for: subject)
    }
}

extension Optional {
    fileprivate func orThrow(_ error: AuthorityError) throws(AuthorityError) -> Wrapped {
        guard let self else { throw error }
        return self
    }
}
