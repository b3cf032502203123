/// How far a waypoint or gateway is that begins, or begins again.
///
/// One that ended by itself was taken out of the mesh, so the control plane first says what a node may have that runs nothing: no routes,
/// no Gateways. It is back when it has reported itself, a moment later. What comes in between is held back, or a process that has
/// served by its stored state would answer 404 and close its ports for that moment, and one without a stored state would serve
/// before its routes are there.
enum StartUp {
    /// The control plane has said nothing new.
    case unbegun
    /// A part has come.
    case waiting
    /// Everything that comes holds at once.
    case over

    /// Whether `state` holds at once; from the first whole one on each does.
    mutating func isOver(for state: RoutingState) -> Bool {
        if state.isWhole { self = .over }
        if case .over = self { return true }
        return false
    }
}
