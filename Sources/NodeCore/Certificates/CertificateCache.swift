package import MeshModel
package import TLSEngine

/// Certificates with their keys on the node's disk, one file per identity: 0600, in a directory of mode 0700 (D9).
///
/// Confined to the control loop. A file holds the key, then the chain, then the roots, told apart by marker lines.
package struct CertificateCache {
    private let directory: StateDirectory

    /// Keeps certificates in `directory`.
    package init(directory: StateDirectory) {
        self.directory = directory
    }

    /// What is stored for `identity`; nil if nothing is.
    package func load(_ identity: SPIFFEIdentity) throws(CertificateFailure) -> TLSIdentityMaterial? {
        let text: String
        do throws(StateDirectoryError) {
            guard let bytes = try directory.read(Self.file(identity)) else { return nil }
            text = String(decoding: bytes, as: UTF8.self)
        } catch {
            throw CertificateFailure(error.description)
        }
        var parts: [[Substring]] = [[], [], []]
        var part = -1
        for line in text.split(separator: "\n") {
            if let index = Self.markers.firstIndex(of: String(line)) {
                part = index
            } else if part >= 0 {
                parts[part].append(line)
            }
        }
        guard parts.allSatisfy({ !$0.isEmpty }) else {
            throw CertificateFailure("\(directory.path)/\(Self.file(identity)) is not whole")
        }
        let joined = parts.map { $0.joined(separator: "\n") + "\n" }
        return TLSIdentityMaterial(certificateChainPEM: joined[1], privateKeyPEM: joined[0], rootsPEM: joined[2])
    }

    /// Stores `material`, replacing what was there in one step.
    package func save(_ material: TLSIdentityMaterial, _ identity: SPIFFEIdentity) throws(CertificateFailure) {
        let parts = [material.privateKeyPEM, material.certificateChainPEM, material.rootsPEM]
        let text = zip(Self.markers, parts).map { marker, part in
            marker + "\n" + part + (part.hasSuffix("\n") ? "" : "\n")
        }.joined()
        do throws(StateDirectoryError) {
            try directory.write(Self.file(identity), Array(text.utf8))
        } catch {
            throw CertificateFailure(error.description)
        }
    }

    /// Forgets `identity`; nothing happens if it is not there.
    package func remove(_ identity: SPIFFEIdentity) {
        directory.remove(Self.file(identity))
    }

    private static let markers = ["# private key", "# certificate chain", "# roots"]

    private static func file(_ identity: SPIFFEIdentity) -> String {
        "\(identity.trustDomain)__\(identity.namespace)__\(identity.serviceAccount).pem"
    }
}
