import HTTPWire

/// Whether the control plane takes this process for a part of the mesh, by what it sends, and so whether what it sends holds at once. Pure.
///
/// A node that runs no waypoint or gateway has no routes and no Gateways. So a process whose entry is gone for a moment would answer
/// 404 and close its ports: one that begins again after it had left (what it stored is taken back before it is an endpoint again, or is
/// confirmed by a control plane that has not noticed its leaving yet), and one whose entry somebody deletes, until it has reported
/// itself again. What lacks this process is held back for `limit`; what comes after that moment includes all that came in it.
enum Membership: Equatable {
    /// How long it may be gone.
    static let limit: Duration = .seconds(5)

    /// What came last was whole, or nothing has come.
    case member
    /// What has come lacks this process, and holds from then on.
    case missing(until: MonotonicTime)
    /// It was missing for too long, or nobody is asked: everything holds.
    case outside

    /// What is to be done with what has come.
    enum Step: Equatable {
        case act
        /// Keep what holds.
        case hold
        /// Keep what holds, tell the control plane of this process, and look once more at the limit.
        case begin
        /// Act, though this process is missing, and say so.
        case giveUp
    }

    /// The next step, when what is known now is, or is not, the whole of what a process of the mesh gets. One that leaves by itself keeps
    /// what holds for those who are here still.
    mutating func next(isWhole: Bool, isLeaving: Bool, now: MonotonicTime) -> Step {
        if isLeaving { return isWhole ? .act : .hold }
        if isWhole {
            self = .member
            return .act
        }
        switch self {
        case .member:
            self = .missing(until: now + Self.limit)
            return .begin
        case .missing(let limit) where now < limit: return .hold
        case .missing:
            self = .outside
            return .giveUp
        case .outside: return .act
        }
    }
}
