/// What a channel needs only until its handshake is through: who waits for it, and for how long.
final class TLSChannelStart {
    /// Whether the channel below has been started by somebody else, who has handed over what had come.
    let isRunning: Bool
    let completion: TLSChannel.Completion
    var timer: TimerID?

    init(isRunning: Bool, completion: @escaping TLSChannel.Completion) {
        self.isRunning = isRunning
        self.completion = completion
    }
}
