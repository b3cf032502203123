/// Brings a channel the loop's turns: a channel is no event source itself.
final class TLSChannelTurn: EventSource {
    weak var channel: TLSChannel?

    override func resume() { channel?.resume() }

    override func turnEnded() { channel?.turnEnded() }
}
