package import TLSEngine
import TestCertificates

/// One fuzz input: what a client sends first. Goes through the reader that looks at it without TLS, through a server that has one
/// certificate, and through one that chooses by the server name in the ClientHello (D4), at once and after a wait, each fed whole and cut in the middle.
package enum TLSFuzz {
    /// The server's certificate; nil where the `openssl` program is missing, which the replay test reports.
    package static let context: TLSContext? = {
        guard let authority = try? TestAuthority(),
            let leaf = try? authority.issue(.init("spiffe://cluster.local/ns/fuzz/sa/server"))
        else { return nil }
        let material = TLSIdentityMaterial(
            certificateChainPEM: leaf.certificatePEM, privateKeyPEM: leaf.keyPEM, rootsPEM: authority.rootPEM)
        return try? TLSContext(role: .server, material: material, verification: .trustDomain("cluster.local"))
    }()

    package static func clientHello(_ bytes: UnsafeRawBufferPointer) {
        _ = ClientHelloText.read(Array(bytes))
        guard let context else { return }
        let chooser = TLSServerSelection.byServerName { name in
            name == "server.fuzz.cluster.local" ? .use(context) : .refuse("no workload is called \(name ?? "nothing")")
        }
        let hesitant = TLSServerSelection.byServerName { _ in .wait { _ in } }
        for selection in [.fixed(context), chooser, hesitant] {
            for cut in [bytes.count, bytes.count / 2] {
                feed([bytes[..<cut], bytes[cut...]], to: selection)
            }
        }
    }

    private static func feed(_ pieces: [Slice<UnsafeRawBufferPointer>], to selection: TLSServerSelection) {
        guard let session = try? TLSSession(server: selection, pool: CiphertextPool()) else { return }
        for piece in pieces {
            session.receive(UnsafeRawBufferPointer(rebasing: piece))
            let result = session.handshake()
            session.discardInput()
            session.consumeOutput(session.outputCount)
            // Without a certificate of ours nobody gets through: a completed handshake would be a find.
            if case .complete = result { preconditionFailure("a handshake without a client certificate was completed") }
            if case .failed = result { return }
        }
    }
}
