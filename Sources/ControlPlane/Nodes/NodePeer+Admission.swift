import GRPCCore
import Logging

extension NodePeer {
    /// The node at the other end of a call, if it may make it: its certificate is one of a node that is known and not revoked.
    /// Refusals are counted and logged here; `what` is the call, for the log.
    static func admitted(
        _ context: ServerContext, trustDomain: String, nodes: NodeDirectory, metrics: ControlMetrics, logger: Logger,
        what: String
    ) async throws(RPCError) -> NodePeer {
        let peer: NodePeer
        do throws(RPCError) {
            peer = try NodePeer(context, trustDomain: trustDomain)
        } catch {
            metrics.add(.refusals, label: "reason", value: "peer")
            logger.warning("\(what) refused to \(context.remotePeer): \(error.message)")
            throw error
        }
        do throws(NodeRefusal) {
            _ = try await nodes.admit(peer)
        } catch {
            metrics.add(.refusals, label: "reason", value: error.code.rawValue)
            logger.warning("\(what) refused to node \(peer.name) at \(peer.address): \(error.message)")
            throw error.rpcError
        }
        return peer
    }
}
