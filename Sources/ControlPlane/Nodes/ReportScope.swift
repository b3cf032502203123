package import MeshModel

/// Which of a node's entries a report is the whole truth of: ztunnel and each waypoint of a host speak for themselves, so that
/// none takes another's entries away. Pure.
package enum ReportScope: Hashable, Sendable, CustomStringConvertible {
    /// What is enrolled on the node.
    case workloads
    /// The waypoint of this Service, `namespace/name`.
    case waypoint(String)

    /// The annotation of an entry that a waypoint reported: its Service, `namespace/name`.
    package static let annotation = GatewayMarks.reporter

    /// Who reported `entry`.
    package init(of entry: Resource) {
        self = entry.metadata.annotations[Self.annotation].map(Self.waypoint) ?? .workloads
    }

    /// The waypoint that a report names; nil where that is not `namespace/name`.
    package init?(waypoint text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ NodeName.isValid(String($0)) }) else { return nil }
        self = .waypoint(text)
    }

    /// The namespace that its workloads must be in; nil for any.
    package var namespace: String? {
        guard case .waypoint(let name) = self else { return nil }
        return name.split(separator: "/").first.map(String.init)
    }

    /// What entries of it carry.
    var annotation: String? {
        guard case .waypoint(let name) = self else { return nil }
        return name
    }

    package var description: String {
        switch self {
        case .workloads: "its ztunnel"
        case .waypoint(let name): "its waypoint \(name)"
        }
    }
}
