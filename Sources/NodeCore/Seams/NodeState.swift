package import MeshModel
import Synchronization

/// What every part of a node shares: the current snapshot of the mesh and the source of certificates.
///
/// The snapshot is immutable and replaced whole. The control loop publishes; each worker keeps a reference of its own and
/// compares `version` (one atomic load) before each new connection, so that in steady state no worker takes the lock.
/// Thread: any.
package final class NodeState: Sendable {
    private struct Published {
        var snapshot: MeshSnapshot
        var revoked = RevokedCertificates()
        var observers: [@Sendable () -> Void] = []
    }

    private let published: Mutex<Published>
    private let publications = Atomic<UInt64>(1)

    /// Where workers find the TLS contexts of the identities that this node hosts.
    package let certificates: any CertificateSource

    /// A node that starts from `snapshot`: the empty one, or the one read from the disk (D9).
    package init(snapshot: MeshSnapshot, certificates: any CertificateSource) {
        self.published = Mutex(Published(snapshot: snapshot))
        self.certificates = certificates
    }

    /// Counts publications; it changes after, never before, the snapshot that it announces. Any thread, without a lock.
    package var version: UInt64 { publications.load(ordering: .acquiring) }

    /// The newest snapshot. Takes a lock for the length of one reference copy: not to be called per connection.
    package var snapshot: MeshSnapshot { published.withLock { $0.snapshot } }

    /// Replaces the snapshot in one step and tells every observer. Called by the control loop after a whole update was
    /// accepted (D11).
    package func publish(_ snapshot: MeshSnapshot) {
        let observers = published.withLock { state in
            state.snapshot = snapshot
            return state.observers
        }
        publications.wrappingAdd(1, ordering: .releasing)
        for observer in observers { observer() }
    }

    /// The certificates that are not accepted, as of the newest publication.
    package var revoked: RevokedCertificates { published.withLock { $0.revoked } }

    /// Replaces the list of revoked certificates and tells every observer, as a new snapshot does.
    package func publish(revoked: RevokedCertificates) {
        let observers = published.withLock { state in
            state.revoked = revoked
            return state.observers
        }
        publications.wrappingAdd(1, ordering: .releasing)
        for observer in observers { observer() }
    }

    /// Calls `body` on the publisher's thread after each publication, for the life of this object. The body must only
    /// post work to a loop of its own.
    package func observe(_ body: @escaping @Sendable () -> Void) {
        published.withLock { $0.observers.append(body) }
    }
}
