package import MeshModel

/// Something in a resource that has no effect, or not the one that its author may expect. Never an error: the resource was
/// accepted, and everything else of it holds.
package struct CompilationWarning: Sendable, Hashable, CustomStringConvertible {
    /// What kind of warning it is; a closed set, for metrics and for `ambitctl analyze`.
    package enum Code: String, Sendable, CaseIterable {
        /// A field or value that this version does not act on.
        case noEffect
        /// A part of a policy that cannot be enforced at L4; the policy denies more instead.
        case enforcedNarrower
        /// A policy that is not enforced by ztunnel at all.
        case notEnforced
        /// A waypoint that is named and does not exist.
        case waypointMissing
        /// A resource that is hidden by an older or more specific one.
        case overridden
        /// A value that compilation cannot read.
        case invalid
        /// No address was left to give.
        case exhausted
    }

    /// The kind of warning.
    package let code: Code
    /// The resource: kind, namespace, name.
    package let kind: String
    package let namespace: String
    package let name: String
    /// What has no effect, why, and what to do.
    package let message: String

    /// Says `message` about a resource.
    package init(_ code: Code, _ resource: Resource, _ message: String) {
        self.code = code
        kind = resource.kind.rawValue
        namespace = resource.metadata.namespace
        name = resource.metadata.name
        self.message = message
    }

    package var description: String { "\(kind) \(namespace)/\(name): \(message)" }
}
