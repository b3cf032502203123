import LinuxSystem
import MeshRuntime

/// What one worker knows of one host name.
struct KnownName {
    /// The last good answer; empty before the first.
    var addresses: [SocketAddress] = []
    /// When it has to be asked for again.
    var expiry: Duration = .zero
    /// Grows when the addresses change, so that connections to old ones are noticed.
    var generation: UInt64 = 0
    /// When it was wanted last.
    var used: Duration = .zero
    /// Which of the addresses is the next one's first.
    var turn = 0
    var isAsking = false
    /// Those who wait for the answer.
    var waiting: [NameCache.Completion] = []
    /// The end of their wait, where there is a last good answer.
    var timer: TimerID?

    /// The addresses, beginning with another one each time.
    mutating func next() -> [SocketAddress] {
        guard addresses.count > 1 else { return addresses }
        turn = (turn + 1) % addresses.count
        return Array(addresses[turn...] + addresses[..<turn])
    }
}
