/// How large a stream's receive window is to be from its next announcement on. Pure.
///
/// The more often a window is used up the larger it gets: one of a stream that moves half of it within a tenth of a second doubles, so that
/// in the end it covers that much of the stream's pace; so does one that its peer has used up whole, which waits for the way's delay. One that is used up slowly shrinks, and
/// so does every large one while memory is short.
struct HTTP2WindowSize {
    /// Announcements of a stream are timed in steps of so many milliseconds, modulo 256.
    private static let step: UInt64 = 64
    /// Steps between two announcements up to which a window is too small for its stream, and from which on too large.
    private static let pace: (fast: UInt8, slow: UInt8) = (1, 16)
    /// Up to which size a window grows fourfold.
    private static let small = 256 * 1024

    /// What it is now: what the peer may send, what it may be told, and what is held.
    let size: Int
    /// Bytes that are held.
    let held: Int
    /// What the peer may still send.
    let left: Int
    let least: Int
    let largest: Int

    /// The time of an announcement.
    static func tick(_ now: MonotonicTime) -> UInt8 {
        UInt8(truncatingIfNeeded: now.nanoseconds / 1_000_000 / step)
    }

    /// What the size is to be; the difference has to be granted where it is larger. `elapsed` is the time in ticks since the announcement before.
    func next(elapsed: UInt8, isShort: Bool) -> Int {
        if isShort || elapsed >= Self.pace.slow { return max(size / 2, min(least, size)) }
        // What is held waits for whoever takes it: that goes no faster with more.
        guard elapsed <= Self.pace.fast || left <= size / 8, held <= size / 4 else { return size }
        return max(size, min(size * (size < Self.small ? 4 : 2), largest))
    }
}
