import FoundationEssentials
package import Logging
package import NIOSSL
import Synchronization

/// ambitd's own server certificate, renewed when a third of its life is left, without a restart.
///
/// Asked on every handshake, from any event loop; a renewal happens inside the one handshake that finds it due (one EC
/// signature). When a renewal fails the old certificate stays, and the failure is logged once a minute at most.
package final class ServerCertificateSource: Sendable {
    private struct State: Sendable {
        var issued: IssuedCertificate
        var override: NIOSSLContextConfigurationOverride
        var retryAfter: Date
    }

    private let authority: Authority
    private let names: [String]
    private let logger: Logger
    private let state: Mutex<State>

    /// Issues the first certificate; `names` are the host names and addresses that clients use.
    package init(authority: Authority, names: [String], logger: Logger) throws {
        self.authority = authority
        self.names = names
        self.logger = logger
        let issued = try authority.issueServerCertificate(names: names)
        state = Mutex(State(issued: issued, override: try Self.makeOverride(issued), retryAfter: .distantPast))
    }

    /// The certificate in force.
    package var certificate: IssuedCertificate { state.withLock { $0.issued } }

    /// The certificate and key for a handshake that begins now. For plain NIOSSL servers:
    /// `configuration.sslContextCallback = { _, promise in promise.succeed(source.sslContextConfigurationOverride) }`.
    package var sslContextConfigurationOverride: NIOSSLContextConfigurationOverride {
        let now = authority.configuration.now()
        return state.withLock { state in
            let life = state.issued.notAfter.timeIntervalSince(state.issued.notBefore)
            guard state.issued.notAfter.timeIntervalSince(now) < life / 3, now >= state.retryAfter else {
                return state.override
            }
            do {
                let renewed = try authority.issueServerCertificate(names: names)
                state.override = try Self.makeOverride(renewed)
                state.issued = renewed
            } catch {
                state.retryAfter = now.addingTimeInterval(60)
                logger.error("ambitd's server certificate cannot be renewed: \(error)")
            }
            return state.override
        }
    }

    private static func makeOverride(_ issued: IssuedCertificate) throws -> NIOSSLContextConfigurationOverride {
        var override = NIOSSLContextConfigurationOverride()
        override.certificateChain = try NIOSSLCertificate.fromPEMBytes(Array(issued.certificateChainPEM.utf8)).map {
            .certificate($0)
        }
        override.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: Array(issued.privateKeyPEM.utf8), format: .pem))
        return override
    }
}
