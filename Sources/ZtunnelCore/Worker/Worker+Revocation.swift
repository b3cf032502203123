package import MeshRuntime
package import NodeCore
import TLSEngine

/// What a worker does about certificates that were revoked: new tunnels are refused, open ones cut.
extension Worker {
    /// Nil if the peer's certificate is good, else why it is not.
    package func revocation(of tunnel: Tunnel) -> ConnectionFailure? {
        refreshSnapshot()
        guard let node = revoked.node(ofRevoked: tunnel.peer.serialNumber) else { return nil }
        let failure = ConnectionFailure.revoked(
            identity: tunnel.peer.identity ?? "an unknown identity", node: node, serial: tunnel.peer.serialNumber)
        telemetry.refusedRevoked()
        return failure
    }

    /// Cuts what was opened before its peer's certificate was revoked. Called when the list has changed.
    func cutRevoked(_ servers: some Sequence<WorkloadServer>) {
        for server in servers { server.cutRevoked() }
    }
}
