import Glibc

/// The node's own certificate and key on the disk: two files that must belong together at every moment (D9).
///
/// A renewal is first written whole beside them (`.renewed`), then renamed, the key first. A crash in between leaves a state that
/// `recover` can tell: of two drafts neither is used yet, of one the other is in use already. Confined to the control loop.
package struct NodeCertificateFiles: Sendable {
    private static let draft = ".renewed"

    /// The chain, leaf first.
    package let certificate: String
    /// The private key.
    package let key: String

    /// Files at these paths; nothing is read yet.
    package init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }

    /// Finishes or undoes a renewal that a crash interrupted. Returns what was done, for the log.
    package func recover() -> String? {
        let hasKey = access(key + Self.draft, F_OK) == 0
        let hasCertificate = access(certificate + Self.draft, F_OK) == 0
        switch (hasKey, hasCertificate) {
        case (false, false): return nil
        case (false, true):
            guard rename(certificate + Self.draft, certificate) == 0 else {
                return "the renewed certificate \(certificate)\(Self.draft) cannot be put into place: \(Self.reason)"
            }
            return "an interrupted renewal of \(certificate) was finished"
        case (true, _):
            unlink(certificate + Self.draft)
            unlink(key + Self.draft)
            return "an interrupted renewal of \(certificate) was undone"
        }
    }

    /// The chain as it is now.
    package func chain() throws(CertificateFailure) -> String {
        do throws(StateDirectoryError) {
            return String(decoding: try StateDirectory.readFile(certificate), as: UTF8.self)
        } catch {
            throw CertificateFailure("the node's certificate cannot be read: \(error)")
        }
    }

    /// Replaces both; after a crash, and after `recover`, they are both old or both new.
    package func replace(chain: String, key keyPEM: String) throws(CertificateFailure) {
        do throws(StateDirectoryError) {
            try Self.write(keyPEM, key + Self.draft)
            try Self.write(chain, certificate + Self.draft)
        } catch {
            unlink(certificate + Self.draft)
            unlink(key + Self.draft)
            throw CertificateFailure("the renewed certificate cannot be stored: \(error)")
        }
        guard rename(key + Self.draft, key) == 0 else {
            let failure = CertificateFailure("the renewed key cannot be put into place at \(key): \(Self.reason)")
            unlink(certificate + Self.draft)
            unlink(key + Self.draft)
            throw failure
        }
        guard rename(certificate + Self.draft, certificate) == 0 else {
            throw CertificateFailure(
                "the renewed certificate cannot be put into place at \(certificate): \(Self.reason); the key is the new one already: "
                    + "move \(certificate)\(Self.draft) there by hand")
        }
    }

    private static func write(_ text: String, _ path: String) throws(StateDirectoryError) {
        let slash = path.lastIndex(of: "/")
        let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
        try StateDirectory(existing: folder).write(name, Array(text.utf8))
    }

    private static var reason: String { strerror(errno).map { String(cString: $0) } ?? "error \(errno)" }
}
