import HTTPWire
import MeshModel
import MeshRuntime
import NodeCore

/// The bounds of a worker: what is refused when one is reached, and what its operator is told.
extension WaypointWorker {
    /// How often the same bound is warned about.
    private static let warningInterval: Duration = .seconds(10)

    /// Work was refused because a bound is reached: counted each time, logged now and then.
    func rejected(_ limit: DataPlaneLimit) {
        telemetry.rejected(limit.rawValue)
        guard warnings[limit].map({ loop.now - $0 >= Self.warningInterval }) ?? true else { return }
        warnings[limit] = loop.now
        switch limit {
        case .heldBytes:
            warn(
                "the bound held_bytes is reached: endpoints do not take what clients send, and no new tunnels and streams are taken "
                    + "meanwhile; see why endpoints are slow, add replicas, or raise AMBIT_MAX_HELD_BYTES")
        case .connections:
            warn("the bound connections is reached: new ones are refused; add replicas, or raise AMBIT_MAX_CONNECTIONS")
        case .unreadOutput:
            warn(
                "the bound unread_output is reached: a client has taken nothing of its last bytes for "
                    + "\(DurationText.text(loop.outputPatience)), and is reset")
        case .stalledResponse:
            warn(
                "the bound stalled_response is reached: a client has taken nothing of its response for "
                    + "\(DurationText.text(configuration.requestIdleTimeout)), and it is broken off; for longer pauses raise "
                    + "AMBIT_REQUEST_IDLE_TIMEOUT")
        default: warn("the bound \(limit.rawValue) is reached")
        }
    }

    /// Whether one more tunnel or stream may begin, as far as memory goes: not while the leasts of those that are there hold all of it.
    func admitsContent() -> Bool {
        guard memory.held >= memory.limit else { return true }
        rejected(.heldBytes)
        return false
    }

    /// Ends a client's connection after its last byte has left, or after `EventLoop.outputPatience` in which the client has taken nothing;
    /// `onOver` is called once, perhaps in this call.
    func end(_ channel: ByteChannel, _ onOver: @escaping () -> Void) {
        channel.closeAfterOutput { [self] outcome in
            if case .notTaken = outcome { rejected(.unreadOutput) }
            onOver()
        }
    }

    /// Counts a TLS handshake of `source` as under way; false where as many are as may be.
    func admitsHandshake(_ source: IPAddress) -> Bool {
        guard let limit = handshakes.take(source) else { return true }
        rejected(limit)
        return false
    }

    /// One of those is over.
    func handshakeEnded(_ source: IPAddress) {
        handshakes.give(source)
        finishDrain()
    }
}
