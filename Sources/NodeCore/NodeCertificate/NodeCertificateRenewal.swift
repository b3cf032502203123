import HTTPWire
package import MeshRuntime
import MeshTelemetry
import TLSEngine

/// Renews the node's own certificate at half of its life, over mutual TLS with the one it has (journey 4).
///
/// Confined to the control loop. The key is made here and never leaves; the name stays. When the new pair is on the disk, the
/// node's connections to the control plane move to it: calls that are under way end on the old connection.
package final class NodeCertificateRenewal {
    /// The waits after failures.
    package static let retry: (first: Duration, limit: Duration) = (.seconds(1), .seconds(300))
    /// What a node's name follows in its URI.
    private static let marker = "/ambit/node/"

    /// What the metrics page shows.
    package struct Status: Sendable, Equatable {
        /// When the certificate in use expires, seconds since 1970; 0: there is none that is renewed here.
        package var notAfter: Int64 = 0
        /// Whether it is past half of its life and not renewed.
        package var isOverdue = false
        /// Renewals since the start.
        package var renewals: UInt64 = 0
        /// Attempts that failed.
        package var failures: UInt64 = 0

        /// None yet.
        package init() {}
    }

    private let loop: EventLoop
    private let files: NodeCertificateFiles
    private let issuer: AuthorityIssuer
    private let clock: @Sendable () -> Int64
    private let log: NodeLog
    private let onRenewed: () -> Void
    private var backoff = Backoff(first: retry.first, limit: retry.limit)
    private var random = SystemRandomNumberGenerator()
    private var timer: TimerID?
    private var isStopped = false

    /// So far.
    package private(set) var status = Status()

    /// Does nothing before `start`. `onRenewed` is called when new files are in place.
    package init(
        loop: EventLoop, files: NodeCertificateFiles, issuer: AuthorityIssuer, clock: @escaping @Sendable () -> Int64,
        log: NodeLog, onRenewed: @escaping () -> Void
    ) {
        self.loop = loop
        self.files = files
        self.issuer = issuer
        self.clock = clock
        self.log = log
        self.onRenewed = onRenewed
    }

    /// Begins to look after the certificate. One that names no node of this mesh is left alone: somebody else renews it.
    package func start() {
        if let done = files.recover() { log(.warn, done) }
        do throws(CertificateFailure) {
            guard let facts = try facts() else {
                return log(
                    .info,
                    "\(files.certificate) names no node (spiffe://TRUSTDOMAIN/ambit/node/NAME): it is not renewed here")
            }
            if facts.notAfter <= clock() { log(.error, expiry(facts)) }
            schedule(facts)
        } catch {
            log(.error, "\(error.reason); join the mesh: ambitctl join ADDRESS --token TOKEN")
            retry()
        }
    }

    /// Renews no more.
    package func stop() {
        isStopped = true
        if let timer { loop.cancel(timer) }
        timer = nil
    }

    /// The certificate on the disk; nil where it is not a node's.
    private func facts() throws(CertificateFailure) -> (uri: String, notBefore: Int64, notAfter: Int64)? {
        let chain = try files.chain()
        let facts: CertificateFacts
        do throws(TLSError) {
            facts = try CertificateFacts.parse(pem: chain)
        } catch {
            throw CertificateFailure("the node's certificate \(files.certificate) cannot be read: \(error)")
        }
        guard let uri = facts.uriNames.first(where: { $0.hasPrefix("spiffe://") && $0.contains(Self.marker) }) else {
            return nil
        }
        return (uri, facts.notBefore, facts.notAfter)
    }

    private func schedule(_ facts: (uri: String, notBefore: Int64, notAfter: Int64)) {
        status.notAfter = facts.notAfter
        status.isOverdue = false
        let wait = CertificateSchedule.renewalWait(
            lifetime: .seconds(facts.notAfter - facts.notBefore), remaining: .seconds(facts.notAfter - clock()),
            random: &random)
        // Very short lives, whose half is over at once: not in a tight loop.
        wake(after: max(wait, Self.retry.first))
    }

    private func wake(after wait: Duration) {
        guard !isStopped else { return }
        if let timer { loop.cancel(timer) }
        timer = loop.schedule(after: wait) { [weak self] in
            self?.timer = nil
            self?.renew()
        }
    }

    private func renew() {
        guard !isStopped else { return }
        do throws(CertificateFailure) {
            // Read again: `ambitctl join` or an administrator may have replaced it.
            guard let facts = try facts() else { return }
            if facts.notAfter != status.notAfter, facts.notAfter > clock() { return schedule(facts) }
            status.notAfter = facts.notAfter
            status.isOverdue = true
            issuer.issue(uri: facts.uri) { [weak self] result in self?.finished(facts.uri, result) }
        } catch {
            failed(error.reason)
        }
    }

    private func finished(_ uri: String, _ result: Result<TLSIdentityMaterial, CertificateFailure>) {
        guard !isStopped else { return }
        do throws(CertificateFailure) {
            let material = try result.get()
            try check(material, uri: uri)
            try files.replace(chain: material.certificateChainPEM, key: material.privateKeyPEM)
            guard let facts = try facts() else { return }
            status.renewals &+= 1
            backoff.reset()
            log(
                .info,
                "the certificate of this node (\(uri)) was renewed and is valid until \(Timestamp.text(seconds: facts.notAfter))"
            )
            schedule(facts)
            onRenewed()
        } catch {
            failed(error.reason)
        }
    }

    /// Only a certificate for this node, with its key, that is valid now, takes the place of one that works.
    private func check(_ material: TLSIdentityMaterial, uri: String) throws(CertificateFailure) {
        do throws(TLSError) {
            let facts = try CertificateFacts.parse(pem: material.certificateChainPEM)
            guard facts.uriNames == [uri] else {
                throw TLSError(.material, "it names \(facts.uriNames.joined(separator: ", "))")
            }
            guard facts.notAfter > clock() else {
                throw TLSError(.material, "it expired at \(Timestamp.text(seconds: facts.notAfter))")
            }
            _ = try TLSContext(role: .client, material: material, verification: .identities([]))
        } catch {
            throw CertificateFailure("the certificate that came for \(uri) cannot be used: \(error)")
        }
    }

    private func failed(_ reason: String) {
        status.failures &+= 1
        let end = Timestamp.text(seconds: status.notAfter)
        if status.notAfter > clock() {
            log(
                .warn,
                "the certificate of this node is past half of its life and is not renewed: \(reason); it is asked for again, and expires at \(end)"
            )
        } else {
            log(.error, "the certificate of this node expired at \(end) and is not renewed: \(reason). \(Self.remedy)")
        }
        retry()
    }

    private func retry() {
        wake(after: backoff.next(random: &random))
    }

    private func expiry(_ facts: (uri: String, notBefore: Int64, notAfter: Int64)) -> String {
        "the certificate of this node, \(files.certificate), expired at \(Timestamp.text(seconds: facts.notAfter)): the control plane will "
            + "refuse it. \(Self.remedy)"
    }

    private static let remedy =
        "Check this host's clock; if it is right, join again: on the control host `ambitctl token create --node NAME --replace "
        + "--allow ...`, here `ambitctl join ADDRESS --token TOKEN --force`"
}
