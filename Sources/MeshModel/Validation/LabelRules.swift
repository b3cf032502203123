/// The rules of labels and of selectors made of them.
enum LabelRules {
    /// One label.
    static func check(key: String, value: String, at path: FieldPath, _ findings: Findings) {
        let place = path.appending(key: key)
        if let problem = NameRules.key(key) {
            findings.add(
                FieldProblem(
                    path: place, value: key, problem: "as a key \(problem)",
                    remedy: "use a key such as app or example.com/app"))
        }
        if let problem = NameRules.labelValue(value) {
            findings.add(
                FieldProblem(path: place, value: value, problem: problem, remedy: "use a value such as web or v1.2"))
        }
    }

    /// All labels of a map.
    static func check(_ labels: [String: String], at path: FieldPath, _ findings: Findings) {
        for (key, value) in labels.sorted(by: { $0.key < $1.key }) { check(key: key, value: value, at: path, findings) }
    }

    /// A selector: `*` selects nothing in Istio, so it is refused; what an empty one selects is said.
    static func checkSelector(
        _ labels: [String: String], isWritten: Bool, emptySelects: String, at path: FieldPath, _ findings: Findings
    ) {
        guard isWritten else { return }
        if labels.isEmpty {
            findings.warn(path, "is empty and selects \(emptySelects)")
        }
        for (key, value) in labels.sorted(by: { $0.key < $1.key }) {
            if key.isEmpty {
                findings.add(FieldProblem(path: path, problem: "has an empty key", remedy: "use a key such as app"))
            } else if key.contains("*") || value.contains("*") {
                findings.add(
                    FieldProblem(
                        path: path.appending(key: key), value: value,
                        problem: "is a wildcard; labels are compared as they are",
                        remedy: "write the label's value, or remove the selector to select everything"))
            } else {
                check(key: key, value: value, at: path, findings)
            }
        }
    }
}
