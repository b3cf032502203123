package import MeshModel
import Synchronization
package import TLSEngine

/// The certificates of the identities that this node hosts, and the TLS contexts made of them.
///
/// Read by every worker, written by the control loop; one lock, held for a dictionary lookup. Contexts are made once per
/// certificate and side, so a renewal changes what new connections get and leaves open ones alone.
package final class CertificateStore: CertificateSource {
    /// Connections that may wait for one identity's first certificate.
    package static let waiterLimit = 4096

    /// The two contexts of one certificate.
    package struct Contexts: Sendable {
        /// What the contexts were made of.
        package let certificate: IssuedCertificate
        /// For tunnels that this node opens.
        package let client: TLSContext
        /// For tunnels that it accepts.
        package let server: TLSContext

        /// Builds both sides; throws when OpenSSL refuses the material.
        package init(_ certificate: IssuedCertificate, identity: SPIFFEIdentity) throws(TLSError) {
            self.certificate = certificate
            client = try TLSContext(role: .client, material: certificate.material, verification: .identities([]))
            server = try TLSContext(
                role: .server, material: certificate.material, verification: .trustDomain(identity.trustDomain))
        }
    }

    /// One identity as the admin page and the control socket show it.
    package struct Status: Sendable {
        /// Whose.
        package let identity: SPIFFEIdentity
        /// The certificate, if there is one; it may have expired.
        package let certificate: IssuedCertificate?
        /// Why the last attempt failed, nil after a success.
        package let failure: String?
        /// Whether connections of the identity work now.
        package let isUsable: Bool

        /// Istio's name of the state: Available, Initializing or `Unavailable: reason`.
        package var state: String {
            if isUsable { return "Available" }
            return failure.map { "Unavailable: \($0)" } ?? "Initializing"
        }
    }

    private struct Entry {
        var contexts: Contexts?
        var failure: String?
        var waiters: [@Sendable (String?) -> Void] = []
    }

    private let entries = Mutex<[SPIFFEIdentity: Entry]>([:])
    private let changes = Atomic<UInt64>(1)
    private let clock: @Sendable () -> Int64
    private let urgent: Mutex<(@Sendable (SPIFFEIdentity) -> Void)?> = Mutex(nil)

    /// An empty store; `clock` gives seconds since 1970.
    package init(clock: @escaping @Sendable () -> Int64) {
        self.clock = clock
    }

    package var generation: UInt64 { changes.load(ordering: .acquiring) }

    package func context(for identity: SPIFFEIdentity, role: TLSRole) -> CertificateLookup {
        let now = clock()
        return entries.withLock { entries in
            guard let entry = entries[identity] else {
                return .failed("the identity \(identity.uri) is not hosted on this node")
            }
            guard let contexts = entry.contexts else { return entry.failure.map(CertificateLookup.failed) ?? .pending }
            guard contexts.certificate.notAfter > now else { return .failed(Self.expiry(identity, entry)) }
            return .ready(role == .client ? contexts.client : contexts.server)
        }
    }

    package func fetch(_ identity: SPIFFEIdentity, completion: @escaping @Sendable (_ failure: String?) -> Void) {
        let answer: String?? = entries.withLock { entries in
            guard var entry = entries[identity] else {
                return .some("the identity \(identity.uri) is not hosted on this node")
            }
            if let contexts = entry.contexts {
                return .some(contexts.certificate.notAfter > clock() ? nil : Self.expiry(identity, entry))
            }
            if let failure = entry.failure { return .some(failure) }
            guard entry.waiters.count < Self.waiterLimit else {
                return .some("more than \(Self.waiterLimit) connections wait for the certificate of \(identity.uri)")
            }
            entry.waiters.append(completion)
            entries[identity] = entry
            return .none
        }
        if let answer { return completion(answer) }
        urgent.withLock { $0 }?(identity)
    }

    /// Sets who is told that a connection waits for a certificate. Called once, at the start.
    package func onUrgent(_ body: @escaping @Sendable (SPIFFEIdentity) -> Void) {
        urgent.withLock { $0 = body }
    }

    /// Begins to answer for `identity`: pending, until a certificate is put.
    package func host(_ identity: SPIFFEIdentity) {
        change { entries in
            if entries[identity] == nil { entries[identity] = Entry() }
            return ([], nil)
        }
    }

    /// Stops answering for `identity`; who waits is told.
    package func forget(_ identity: SPIFFEIdentity) {
        change { entries in
            (entries.removeValue(forKey: identity)?.waiters ?? [], "the identity \(identity.uri) has left this node")
        }
    }

    /// A certificate is there: new connections use it from now on.
    package func put(_ contexts: Contexts, for identity: SPIFFEIdentity) {
        change { entries in
            guard var entry = entries[identity] else { return ([], nil) }
            let waiters = entry.waiters
            entry.contexts = contexts
            entry.failure = nil
            entry.waiters = []
            entries[identity] = entry
            return (waiters, nil)
        }
    }

    /// An attempt failed. A certificate that is still valid stays in use; without one, everybody who waits is refused.
    package func fail(_ identity: SPIFFEIdentity, _ reason: String) {
        change { entries in
            guard var entry = entries[identity] else { return ([], nil) }
            let waiters = entry.waiters
            entry.failure = reason
            entry.waiters = []
            entries[identity] = entry
            return (waiters, reason)
        }
    }

    /// Makes the workers look again: a certificate has just expired.
    package func expired() {
        changes.wrappingAdd(1, ordering: .releasing)
    }

    /// All identities, by their names.
    package func statuses() -> [Status] {
        let now = clock()
        return entries.withLock { entries in
            entries.map { identity, entry in
                let certificate = entry.contexts?.certificate
                let isUsable = certificate.map { $0.notAfter > now } ?? false
                let failure = certificate != nil && !isUsable ? Self.expiry(identity, entry) : entry.failure
                return Status(identity: identity, certificate: certificate, failure: failure, isUsable: isUsable)
            }
        }.sorted { $0.identity.uri < $1.identity.uri }
    }

    /// The state of one identity; nil if it is not hosted here.
    package func status(of identity: SPIFFEIdentity) -> Status? {
        statuses().first { $0.identity == identity }
    }

    private func change(_ body: (inout [SPIFFEIdentity: Entry]) -> ([@Sendable (String?) -> Void], String?)) {
        let (waiters, reason) = entries.withLock { body(&$0) }
        changes.wrappingAdd(1, ordering: .releasing)
        for waiter in waiters { waiter(reason) }
    }

    private static func expiry(_ identity: SPIFFEIdentity, _ entry: Entry) -> String {
        "the certificate of \(identity.uri) has expired"
            + (entry.failure.map { "; its renewal failed: \($0)" } ?? "; its renewal has not come yet")
    }
}
