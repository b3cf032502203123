/// What can be enrolled, as ztunnel's control socket names it.
enum TargetKind: String, CaseIterable, Sendable {
    case unit
    case slice
    case netns
    case user
    case container
    case pid

    /// What may be left out at the end of a target's name.
    var suffix: String {
        switch self {
        case .unit: "service"
        case .slice: "slice"
        case .netns, .user, .container, .pid: ""
        }
    }
}
