import HTTPWire
package import MeshModel
package import MeshRuntime
import MeshTelemetry
import TLSEngine

/// Keeps a valid certificate for every identity that is hosted here: asks the issuer, renews at half of the life, retries
/// after failures, and keeps a copy on the disk so that a restart during an outage has one (D9).
///
/// Confined to the control loop. Owns the schedule; publishes to the `CertificateStore`.
package final class CertificateRenewal {
    /// What the metrics page shows.
    package struct Counters: Sendable {
        /// Certificates that were issued.
        package var issued: UInt64 = 0
        /// Requests that failed.
        package var failures: UInt64 = 0

        /// Nothing yet.
        package init() {}
    }

    private let loop: EventLoop
    private let store: CertificateStore
    private let issuer: any CertificateIssuer
    private let cache: CertificateCache?
    private let clock: @Sendable () -> Int64
    private let log: NodeLog
    private var schedule = CertificateSchedule()
    private var hosted: [SPIFFEIdentity: Int] = [:]
    private var expiries: [SPIFFEIdentity: Int64] = [:]
    private var timer: TimerID?
    private var unstored: [SPIFFEIdentity: IssuedCertificate] = [:]
    private var random = SystemRandomNumberGenerator()

    /// Issued and failed so far.
    package private(set) var counters = Counters()

    /// Whether this process is the one that writes the state. Certificates that come while it is not are written when it is.
    package var isOwner = true {
        didSet {
            guard isOwner else { return }
            let waiting = unstored
            unstored = [:]
            for (identity, certificate) in waiting { store(certificate, identity) }
        }
    }

    /// Looks after nothing yet. `cache` is nil where the issuer reads files anyway.
    package init(
        loop: EventLoop, store: CertificateStore, issuer: any CertificateIssuer, cache: CertificateCache?,
        clock: @escaping @Sendable () -> Int64, log: NodeLog
    ) {
        self.loop = loop
        self.store = store
        self.issuer = issuer
        self.cache = cache
        self.clock = clock
        self.log = log
    }

    /// A workload of `identity` was enrolled. Called once per workload; the first one makes the node ask for a certificate.
    package func host(_ identity: SPIFFEIdentity) {
        hosted[identity, default: 0] += 1
        guard hosted[identity] == 1 else { return }
        store.host(identity)
        if !restore(identity) { schedule.want(identity, .enrolment, now: loop.now) }
        run()
    }

    /// A workload of `identity` is gone; with the last one the certificate is forgotten, on the disk too.
    package func leave(_ identity: SPIFFEIdentity) {
        guard let count = hosted[identity] else { return }
        guard count == 1 else {
            hosted[identity] = count - 1
            return
        }
        hosted[identity] = nil
        unstored[identity] = nil
        expiries[identity] = nil
        schedule.forget(identity)
        store.forget(identity)
        cache?.remove(identity)
    }

    /// A connection waits for the certificate of `identity`.
    package func hurry(_ identity: SPIFFEIdentity) {
        guard hosted[identity] != nil else { return }
        schedule.want(identity, .connection, now: loop.now)
        run()
    }

    /// Uses the certificate on the disk if it is still valid; it is renewed when half of its life is over.
    private func restore(_ identity: SPIFFEIdentity) -> Bool {
        guard let cache else { return false }
        do throws(CertificateFailure) {
            guard let material = try cache.load(identity) else { return false }
            let certificate = try IssuedCertificate(checking: material, identity: identity, now: clock())
            try publish(certificate, identity)
            let lifetime = Duration.seconds(certificate.notAfter - certificate.notBefore)
            let remaining = Duration.seconds(certificate.notAfter - clock())
            let wait = CertificateSchedule.renewalWait(lifetime: lifetime, remaining: remaining, random: &random)
            schedule.hold(identity, renewAfter: wait, now: loop.now)
            return true
        } catch {
            log(.info, "the stored certificate of \(identity.uri) is not used: \(error)")
            return false
        }
    }

    private func run() {
        for identity in schedule.take(now: loop.now) {
            issuer.issue(identity) { [weak self] result in self?.finished(identity, result) }
        }
        arm()
    }

    private func finished(_ identity: SPIFFEIdentity, _ result: Result<TLSIdentityMaterial, CertificateFailure>) {
        guard hosted[identity] != nil else { return run() }
        do throws(CertificateFailure) {
            let material = try result.get()
            let certificate = try IssuedCertificate(checking: material, identity: identity, now: clock())
            try publish(certificate, identity)
            counters.issued &+= 1
            schedule.succeeded(
                identity, lifetime: .seconds(certificate.notAfter - certificate.notBefore),
                remaining: .seconds(certificate.notAfter - clock()), now: loop.now, random: &random)
            log(.info, "certificate of \(identity.uri) is valid until \(Timestamp.text(seconds: certificate.notAfter))")
            store(certificate, identity)
        } catch {
            counters.failures &+= 1
            schedule.failed(identity, now: loop.now, random: &random)
            store.fail(identity, error.reason)
            log(.warn, "no new certificate for \(identity.uri): \(error.reason); it is asked for again")
        }
        run()
    }

    private func publish(_ certificate: IssuedCertificate, _ identity: SPIFFEIdentity) throws(CertificateFailure) {
        do throws(TLSError) {
            store.put(try CertificateStore.Contexts(certificate, identity: identity), for: identity)
        } catch {
            throw CertificateFailure("the certificate of \(identity.uri) cannot be used: \(error)")
        }
        expiries[identity] = certificate.notAfter
    }

    private func store(_ certificate: IssuedCertificate, _ identity: SPIFFEIdentity) {
        guard isOwner else {
            unstored[identity] = certificate
            return
        }
        do throws(CertificateFailure) {
            try cache?.save(certificate.material, identity)
        } catch {
            log(
                .warn,
                "the certificate of \(identity.uri) is not stored: \(error.reason); after a restart it is asked for again"
            )
        }
    }

    /// Wakes for the next request, and at the next expiry, which the workers must notice.
    private func arm() {
        if let timer { loop.cancel(timer) }
        timer = nil
        let now = clock()
        var wait = schedule.nextDue.map { max(.milliseconds(1), $0 - loop.now) }
        if let expiry = expiries.values.filter({ $0 > now }).min() {
            let until = Duration.seconds(expiry - now)
            wait = wait.map { min($0, until) } ?? until
        }
        guard let wait else { return }
        timer = loop.schedule(after: wait) { [weak self] in
            guard let self else { return }
            timer = nil
            expire()
            run()
        }
    }

    private func expire() {
        let now = clock()
        let gone = expiries.filter { $0.value <= now }.map(\.key)
        guard !gone.isEmpty else { return }
        for identity in gone {
            expiries[identity] = nil
            log(
                .error,
                "the certificate of \(identity.uri) has expired: its connections are refused until it is renewed")
        }
        store.expired()
    }
}
