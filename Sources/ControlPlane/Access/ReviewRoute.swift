/// The paths of the reviews: questions in the form of objects that are created and never stored.
enum ReviewRoute: CaseIterable, Hashable {
    case access
    case rules
    case oneself

    var group: String { self == .oneself ? SelfReview.group : AccessReview.group }

    var version: String { self == .oneself ? SelfReview.version : AccessReview.version }

    var resource: String {
        switch self {
        case .access: AccessReview.accessResource
        case .rules: AccessReview.rulesResource
        case .oneself: SelfReview.resource
        }
    }

    var kind: String {
        switch self {
        case .access: "SelfSubjectAccessReview"
        case .rules: "SelfSubjectRulesReview"
        case .oneself: "SelfSubjectReview"
        }
    }

    /// The review at a path; nil for other paths.
    init?(_ path: [String]) {
        guard let found = Self.allCases.first(where: { path == ["apis", $0.group, $0.version, $0.resource] }) else {
            return nil
        }
        self = found
    }
}
