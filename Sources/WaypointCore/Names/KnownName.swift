import LinuxSystem
import MeshRuntime
import NameResolution

/// What one worker knows of one host name.
struct KnownName {
    /// The last good answer; empty before the first.
    var addresses: [SocketAddress] = []
    /// When it has to be asked for again.
    var expiry: Duration = .zero
    /// Whether the addresses have been asked for since somebody began to watch them.
    var isCurrent = false
    /// Why the last question had no answer.
    var failure: NameFailure.Reason?
    /// When it was wanted last.
    var used: Duration = .zero
    /// Which of the addresses is the next one's first.
    var turn = 0
    var isAsking = false
    /// Those who wait for the answer.
    var waiting: [NameCache.Completion] = []
    /// The end of their wait, where there is a last good answer.
    var timer: TimerID?
    /// Those who want to know of changes.
    var watches: [NameWatch] = []
    /// When it is asked for next, where anybody watches it.
    var next: TimerID?

    /// The addresses, beginning with another one each time.
    mutating func inTurn() -> [SocketAddress] {
        guard addresses.count > 1 else { return addresses }
        turn = (turn + 1) % addresses.count
        return Array(addresses[turn...] + addresses[..<turn])
    }
}
