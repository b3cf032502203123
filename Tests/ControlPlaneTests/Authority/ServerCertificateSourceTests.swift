import ControlPlane
import Foundation
import Logging
import Synchronization
import Testing

@Suite("Renewal of ambitd's server certificate")
struct ServerCertificateSourceTests {
    /// A clock that a test moves.
    final class Clock: Sendable {
        private let time = Mutex(Date(timeIntervalSince1970: 1_800_000_000))

        var now: Date { time.withLock { $0 } }

        func advance(by seconds: TimeInterval) { time.withLock { $0 += seconds } }
    }

    @Test("happens when a third of its life is left, not before, and not when the authority has expired")
    func renewal() throws {
        let directory = try TemporaryDirectory()
        let clock = Clock()
        var configuration = AuthorityConfiguration()
        configuration.now = { clock.now }
        configuration.serverLifetime = 3_000
        configuration.rootLifetime = 10_000
        let authority = try Authority.loadOrCreate(
            directory: directory.path, trustDomain: "cluster.local", configuration: configuration)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let source = try ServerCertificateSource(authority: authority, names: ["localhost"], logger: logger)
        let first = source.certificate.serialNumber
        clock.advance(by: 1_800)
        _ = source.sslContextConfigurationOverride
        #expect(source.certificate.serialNumber == first)
        clock.advance(by: 300)
        _ = source.sslContextConfigurationOverride
        #expect(source.certificate.serialNumber != first)
        #expect(source.certificate.notAfter == clock.now.addingTimeInterval(3_000))
        clock.advance(by: 20_000)
        let last = source.certificate.serialNumber
        _ = source.sslContextConfigurationOverride
        #expect(source.certificate.serialNumber == last, "the old one stays where it cannot be renewed")
    }
}
