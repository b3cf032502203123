import MeshModel

/// What becomes of a field that validation takes, and what shows it.
enum FieldSupport: Sendable {
    /// It does on real traffic, or in what nodes are told, what Istio's documentation says; the test that shows it.
    case works(String)
    /// What it leads to is decided by tested code that no program of this version runs on traffic yet; the test of the decision.
    case decided(String)
    /// It is checked, stored and sent to waypoints; nothing acts on it in this version.
    case carried
    /// It is taken with a warning, for this reason.
    case warned(String)
    /// It is refused, for this reason.
    case refused(String)

    /// The two columns of the page.
    var columns: (state: String, detail: String) {
        switch self {
        case .works(let test): ("works", "`\(test)`")
        case .decided(let test): ("decided", "`\(test)`")
        case .carried: ("carried", "to waypoints; nothing acts on it yet")
        case .warned(let why): ("warned about", why)
        case .refused(let why): ("refused", why)
        }
    }

    /// The test that it names.
    var test: String? {
        switch self {
        case .works(let test), .decided(let test): test
        case .carried, .warned, .refused: nil
        }
    }
}
