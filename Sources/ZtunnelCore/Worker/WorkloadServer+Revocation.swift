import HTTPWire
import MeshRuntime
import NodeCore

/// Ends tunnels whose peers' certificates were revoked.
extension WorkloadServer {
    /// Both directions. Connections over them end with the reason in their lines; clients see a reset.
    func cutRevoked() {
        for inbound in inboundTunnels {
            guard let failure = worker.revocation(of: inbound.tunnel) else { continue }
            worker.log.warn("tunnel from \(inbound.tunnel.remote) cut: \(failure.message)")
            worker.cutConnections(over: inbound, failure)
            inbound.tunnel.close(.noError)
        }
        for tunnel in pool.tunnels {
            guard let failure = worker.revocation(of: tunnel) else { continue }
            worker.log.warn("tunnel to \(tunnel.remote) cut: \(failure.message)")
            tunnel.close(.noError)
        }
    }
}
