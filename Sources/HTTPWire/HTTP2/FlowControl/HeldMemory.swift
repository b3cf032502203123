/// The account of what one worker holds for others: bytes that were received and that nobody has taken yet, and the windows by which
/// peers may send more. So the bound on it is real: what is not promised does not arrive.
///
/// Half of the bound is for leasts, which are given without asking, so that nothing waits for the account and none of two directions
/// that need each other stops: a stream has a window of `leastWindow`, a plain connection is read for `leastRead`. The other
/// half is granted to those that move much, each an eighth of what is left at most: the first get large windows, and there is
/// always something for one more. With more leasts in full use than half of the bound has room for, that many bytes are held
/// beyond it. Confined to its worker's loop.
package final class HeldMemory {
    /// What a stream of HTTP/2 may always have outstanding, in bytes.
    package static let leastWindow = 16 * 1024
    /// What a stream that begins while there is much room may have outstanding, in bytes.
    package static let firstWindow = 64 * 1024
    /// What a direction of a plain connection may always hold, in bytes.
    package static let leastRead = 32 * 1024
    /// The part of what is left that one may have more.
    private static let share = 8

    /// The bound, in bytes.
    package let limit: Int
    // The properties marked unchecked are changed by nothing that leads back to them (docs/design/bench.md).
    /// Bytes received and not handed on, leasts included.
    @exclusivity(unchecked) package private(set) var held = 0
    /// What is granted beyond leasts, in bytes.
    @exclusivity(unchecked) package private(set) var granted = 0

    /// An account for `limit` bytes.
    package init(limit: Int) {
        self.limit = max(limit, 1)
    }

    /// What may still be granted.
    package var room: Int { max(0, limit / 2 - granted) }

    /// Whether so little is left that those with large windows are to give some back.
    package var isShort: Bool { room < limit / 16 }

    /// Whether whoever begins may have more than the least at once.
    package var isAmple: Bool { room > limit / 4 }

    /// How much a plain connection may hold now, at most `largest`: at least `leastRead`.
    package func readAllowance(upTo largest: Int) -> Int {
        min(largest, max(Self.leastRead, room / Self.share))
    }

    /// Grants as much of `wanted` as there is room for.
    package func grant(upTo wanted: Int) -> Int {
        let count = max(0, min(wanted, room / Self.share))
        granted += count
        return count
    }

    /// `count` bytes are needed beyond leasts, whether there is room or not; negative: they are given back.
    package func charge(_ count: Int) { granted += count }

    /// `count` bytes came in; negative: they were handed on, or dropped.
    package func hold(_ count: Int) { held += count }

    /// Both, for what has no window: it is charged for as long as it is held.
    package func carry(_ count: Int) {
        granted += count
        held += count
    }
}
