/// Collects what is wrong with one document while it is read. Lives on one task for one document; never shared.
final class Findings {
    private(set) var problems: [FieldProblem] = []
    private(set) var warnings: [Warning] = []

    /// Notes a problem, up to the limit of ``FieldProblems``. That something is missing is not said where something about it
    /// or in it is wrong already: the one follows from the other.
    func add(_ problem: FieldProblem) {
        if problem.reason == .required {
            let place = problem.path.description
            let isFollower = problems.contains {
                let other = $0.path.description
                return other == place || other.hasPrefix(place + ".") || other.hasPrefix(place + "[")
            }
            if isFollower { return }
        }
        if problems.count < FieldProblems.limit { problems.append(problem) }
    }

    /// Notes a problem of the field at `path`.
    func add(
        _ path: FieldPath, _ problem: String, _ remedy: String, _ reason: FieldProblem.Reason = .invalid
    ) {
        add(FieldProblem(path: path, problem: problem, remedy: remedy, reason: reason))
    }

    /// Notes a problem of the field at `path`, with its value.
    func add(
        _ path: FieldPath, _ value: String, _ problem: String, _ remedy: String,
        _ reason: FieldProblem.Reason = .invalid
    ) {
        add(FieldProblem(path: path, value: value, problem: problem, remedy: remedy, reason: reason))
    }

    /// Notes a warning, up to the same limit.
    func warn(_ path: FieldPath, _ message: String) {
        if warnings.count < FieldProblems.limit { warnings.append(Warning(path: path, message: message)) }
    }

    /// Whether something is wrong with the field itself, so that its value is not known.
    func isWrong(_ path: FieldPath) -> Bool { problems.contains { $0.path == path } }

    /// Throws what was found, if anything.
    func check() throws(FieldProblems) {
        if !problems.isEmpty { throw FieldProblems(problems: problems) }
    }
}
