/// What `ambitctl status` shows of a node and a type.
package enum SyncState: String, Sendable {
    /// The node accepted what was sent last.
    case synced = "SYNCED"
    /// Something was sent and is not answered yet.
    case stale = "STALE"
    /// The node has not asked for this type, or nothing was sent yet.
    case notSent = "NOT SENT"
    /// The node refused what was sent last.
    case rejected = "REJECTED"
}
