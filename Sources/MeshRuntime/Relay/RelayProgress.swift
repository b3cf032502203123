/// How far both directions of a relay are: pure, so that every order of ends is tested without sockets.
///
/// A direction is open, then ended (its source said so; bytes may wait), then passed (its sink was told). Each side may end long
/// before the other: that is half-close.
struct RelayProgress: Equatable {
    enum Direction: Equatable {
        case open
        case ended
        case passed
    }

    private(set) var fromFirst = Direction.open
    private(set) var fromSecond = Direction.open

    /// The source of a direction has ended. True the first time.
    mutating func ended(_ side: RelaySide) -> Bool {
        guard self[side] == .open else { return false }
        self[side] = .ended
        return true
    }

    /// The sink of a direction knows that it has ended. True if that was the last thing to do.
    mutating func passed(_ side: RelaySide) -> Bool {
        guard self[side] == .ended else { return false }
        self[side] = .passed
        return fromFirst == .passed && fromSecond == .passed
    }

    subscript(side: RelaySide) -> Direction {
        get { side == .first ? fromFirst : fromSecond }
        set { if side == .first { fromFirst = newValue } else { fromSecond = newValue } }
    }
}
