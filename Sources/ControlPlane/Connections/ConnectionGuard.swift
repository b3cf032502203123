import NIOCore
import NIOSSL

/// Stands at the socket's end of a connection's pipeline and closes it when its gate says so. Lives on its event loop.
///
/// It looks at nothing that passes: after each read it asks whether the connection has proven itself, until it has.
final class ConnectionGuard: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    /// What a connection has to show.
    enum Proof: Sendable {
        /// A client certificate that the TLS library verified.
        case clientCertificate
        /// Nothing that lasts: whoever is there longest goes first when places are short.
        case never
    }

    private enum State {
        case waiting
        case unproven(UInt64, deadline: Scheduled<Void>?)
        case proven(UInt64)
        case closed
    }

    private let gate: ConnectionGate
    private let proof: Proof
    private var state = State.waiting

    init(_ gate: ConnectionGate, proof: Proof) {
        self.gate = gate
        self.proof = proof
    }

    /// Puts a guard before everything that is in the pipeline.
    static func install(_ gate: ConnectionGate, proof: Proof, on channel: any Channel) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(ConnectionGuard(gate, proof: proof), position: .first)
        }
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { begin(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.fireChannelRead(data)
        look(context)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        look(context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { end() }

    private func begin(_ context: ChannelHandlerContext) {
        guard case .waiting = state else { return }
        let channel = context.channel
        // Closed from the channel's own loop; the promise is nobody's.
        guard let id = gate.accept(close: { channel.close(mode: .all, promise: nil) }) else {
            state = .closed
            context.close(mode: .all, promise: nil)
            return
        }
        guard proof == .clientCertificate else {
            state = .unproven(id, deadline: nil)
            return
        }
        let gate = gate
        let seconds = TimeAmount(gate.limits.proofDeadline)
        let deadline = context.eventLoop.scheduleTask(in: seconds) {
            if gate.reachesDeadline(id) { channel.close(mode: .all, promise: nil) }
        }
        state = .unproven(id, deadline: deadline)
    }

    private func look(_ context: ChannelHandlerContext) {
        guard case .unproven(let id, let deadline) = state, proof == .clientCertificate,
            (try? context.pipeline.syncOperations.nioSSL_peerCertificate()) != nil
        else { return }
        deadline?.cancel()
        gate.prove(id)
        state = .proven(id)
    }

    private func end() {
        switch state {
        case .waiting, .closed: break
        case .unproven(let id, let deadline):
            deadline?.cancel()
            gate.closed(id)
        case .proven(let id): gate.closed(id)
        }
        state = .closed
    }
}
