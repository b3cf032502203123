import LinuxSystem
import TLSEngine
import TestCertificates
import Testing

/// Two sessions joined in memory.
@Suite struct HandshakeTests {
    static let web = "spiffe://cluster.local/ns/default/sa/web"
    static let shop = "spiffe://cluster.local/ns/default/sa/shop"

    /// The root and certificates that all cases share: making them is the slow part.
    struct Fixture: Sendable {
        let authority: TestAuthority
        let web: TestAuthority.Issued
        let shop: TestAuthority.Issued

        static let shared = Result { try Fixture() }

        init() throws {
            authority = try TestAuthority()
            web = try authority.issue(.init(HandshakeTests.web))
            shop = try authority.issue(.init(HandshakeTests.shop))
        }

        func material(_ issued: TestAuthority.Issued, roots: String? = nil) -> TLSIdentityMaterial {
            TLSIdentityMaterial(
                certificateChainPEM: issued.certificatePEM, privateKeyPEM: issued.keyPEM,
                rootsPEM: roots ?? authority.rootPEM)
        }
    }

    enum End {
        case open
        case refused(TLSError)
    }

    /// What came of a handshake at each end.
    struct Ends {
        var client: End?
        var server: End?

        var clientError: String { if case .refused(let error)? = client { error.message } else { "" } }
        var serverError: String { if case .refused(let error)? = server { error.message } else { "" } }
    }

    final class Joined {
        let client: TLSSession
        let server: TLSSession
        var ends = Ends()

        init(_ client: TLSSession, _ server: TLSSession) {
            self.client = client
            self.server = server
        }

        /// Carries bytes to and fro until nothing moves; `step` is the size of each piece.
        func run(step: Int = .max) {
            for _ in 0..<20_000 {
                if ends.client == nil { ends.client = Self.advance(client) }
                let moved = Self.move(client, server, step)
                if ends.server == nil { ends.server = Self.advance(server) }
                let back = Self.move(server, client, step)
                if !moved && !back { break }
            }
        }

        static func advance(_ session: TLSSession) -> End? {
            switch session.handshake() {
            case .complete: .open
            case .incomplete: nil
            case .failed(let error): .refused(error)
            }
        }

        private static func move(_ from: TLSSession, _ to: TLSSession, _ step: Int) -> Bool {
            let count = min(step, from.outputCount)
            guard count > 0 else { return false }
            let bytes = Array(from.output[..<count])
            from.consumeOutput(count)
            bytes.withUnsafeBytes {
                to.receive($0)
                _ = to.handshake()
                // The session takes the input only while it handshakes; what is left would be read later.
            }
            return true
        }
    }
}
