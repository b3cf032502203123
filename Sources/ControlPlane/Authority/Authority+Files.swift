import Crypto
import FoundationEssentials
import Glibc
import SwiftASN1
import X509

extension Authority {
    /// The most bytes of a CA file that are read.
    static let maximumFileLength = 1 << 20

    /// Loads the authority from `directory`, or makes a self-signed root there on the first start.
    ///
    /// Two layouts are read: Istio's plug-in CA (`ca-cert.pem`, `ca-key.pem`, `root-cert.pem`, `cert-chain.pem`), and our own
    /// (`root.crt`, `root.key`). The directory is made with mode 0700 and keys with 0600. A layout that is there in part is an
    /// error, never replaced by a new root. Blocks on the disk and on a lock file, so that two processes make one root.
    package static func loadOrCreate(
        directory: String, trustDomain: String, configuration: AuthorityConfiguration = AuthorityConfiguration()
    ) throws(AuthorityError) -> Authority {
        try DurableFile.makePrivateDirectory(directory)
        let lock = open("\(directory)/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else {
            throw AuthorityError(
                .unusableFiles, "cannot open \(directory)/lock: \(String(cString: strerror(errno)))")
        }
        // Closing the descriptor releases the lock.
        defer { close(lock) }
        while flock(lock, LOCK_EX) != 0 {
            guard errno == EINTR else {
                throw AuthorityError(
                    .unusableFiles, "cannot lock \(directory)/lock: \(String(cString: strerror(errno)))")
            }
        }
        let material: SigningMaterial
        if let plugin = try pluginMaterial(directory, configuration) {
            material = plugin
        } else if let own = try ownMaterial(directory, configuration) {
            material = own
        } else {
            material = try newRoot(directory, trustDomain, configuration)
        }
        return try Authority(trustDomain: trustDomain, material: material, configuration: configuration)
    }

    private static func pluginMaterial(
        _ directory: String, _ configuration: AuthorityConfiguration
    ) throws(AuthorityError) -> SigningMaterial? {
        let certificate = try text("\(directory)/ca-cert.pem")
        let key = try text("\(directory)/ca-key.pem")
        let roots = try text("\(directory)/root-cert.pem")
        let chain = try text("\(directory)/cert-chain.pem")
        if certificate == nil, key == nil, roots == nil, chain == nil { return nil }
        guard let certificate, let key, let roots else {
            throw AuthorityError(
                .unusableFiles,
                "\(directory) holds a plug-in CA in part; ca-cert.pem, ca-key.pem and root-cert.pem must all be there "
                    + "(and cert-chain.pem where ca-cert.pem is not signed by the root itself)")
        }
        return try SigningMaterial(
            certificatePEM: certificate, keyPEM: key, chainPEM: chain ?? "", rootsPEM: roots, now: configuration.now(),
            origin: directory)
    }

    private static func ownMaterial(
        _ directory: String, _ configuration: AuthorityConfiguration
    ) throws(AuthorityError) -> SigningMaterial? {
        let certificate = try text("\(directory)/root.crt")
        let key = try text("\(directory)/root.key")
        switch (certificate, key) {
        case (nil, nil):
            return nil
        case (let certificate?, let key?):
            return try SigningMaterial(
                certificatePEM: certificate, keyPEM: key, chainPEM: "", rootsPEM: certificate, now: configuration.now(),
                origin: directory)
        case (nil, _?):
            // The key is written first: a start that was killed between the two files has issued nothing yet.
            return nil
        case (_?, nil):
            throw AuthorityError(
                .unusableFiles,
                "\(directory)/root.key is missing while root.crt is there; restore the key, or remove root.crt to make a "
                    + "new root (every certificate that was issued must then be issued again)")
        }
    }

    private static func newRoot(
        _ directory: String, _ trustDomain: String, _ configuration: AuthorityConfiguration
    ) throws(AuthorityError) -> SigningMaterial {
        let key = P256.Signing.PrivateKey()
        let now = configuration.now()
        let certificate: Certificate
        do {
            let publicKey = Certificate.PublicKey(key.publicKey)
            let name = try DistinguishedName {
                OrganizationName(trustDomain)
                CommonName("Ambit root CA")
            }
            var extensions = Certificate.Extensions()
            try extensions.append(
                Certificate.Extension(BasicConstraints.isCertificateAuthority(maxPathLength: nil), critical: true))
            try extensions.append(Certificate.Extension(KeyUsage(keyCertSign: true, cRLSign: true), critical: true))
            try extensions.append(Certificate.Extension(SubjectKeyIdentifier(hash: publicKey), critical: false))
            certificate = try Certificate(
                version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: publicKey,
                notValidBefore: now.addingTimeInterval(-configuration.backdate),
                notValidAfter: now.addingTimeInterval(configuration.rootLifetime), issuer: name, subject: name,
                extensions: extensions, issuerPrivateKey: Certificate.PrivateKey(key))
        } catch {
            throw AuthorityError(.cannotSign, "the root certificate cannot be made: \(error)")
        }
        let keyPEM = key.pemRepresentation + "\n"
        try DurableFile.write(Array(keyPEM.utf8), to: "\(directory)/root.key", mode: 0o600)
        try DurableFile.write(Array(pem(certificate).utf8), to: "\(directory)/root.crt", mode: 0o644)
        return SigningMaterial(root: certificate, key: Certificate.PrivateKey(key))
    }

    private static func text(_ path: String) throws(AuthorityError) -> String? {
        guard let bytes = try DurableFile.read(path, limit: maximumFileLength) else { return nil }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw AuthorityError(.unusableFiles, "\(path) is not text; CA files must be PEM")
        }
        return text
    }
}
