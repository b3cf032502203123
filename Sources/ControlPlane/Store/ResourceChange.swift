package import MeshModel

/// One change of one object.
package struct ResourceChange: Sendable, Hashable {
    /// What happened.
    package enum Event: String, Sendable, Hashable {
        case added = "ADDED"
        case modified = "MODIFIED"
        case deleted = "DELETED"
    }

    package var revision: Int64
    package var event: Event
    /// The object after the change; for a deletion its last state.
    package var resource: Resource
}
