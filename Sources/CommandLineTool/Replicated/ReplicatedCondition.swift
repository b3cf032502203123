/// One condition of a waypoint or gateway, as Kubernetes has them.
struct ReplicatedCondition: Equatable, Sendable {
    let type: String
    let holds: Bool
    /// Why, in one word.
    let reason: String
    /// Why, in a sentence; may be empty.
    let message: String
}
