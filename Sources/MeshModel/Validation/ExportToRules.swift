/// The rules of `exportTo` (I 3.2).
enum ExportToRules {
    /// `takesNobody` where `~`, no namespace at all, may be written.
    static func check(
        _ names: [String], namespace: String, takesNobody: Bool = true, at path: FieldPath, _ findings: Findings
    ) {
        let words = takesNobody ? [".", "*", "~"] : [".", "*"]
        var seen: Set<String> = []
        for (index, name) in names.enumerated() {
            let place = path.appending(index: index)
            if !seen.insert(name).inserted {
                findings.add(
                    FieldProblem(
                        path: place, value: name, problem: "is there twice", remedy: "remove one", reason: .duplicate))
            } else if !words.contains(name), let problem = NameRules.label(name) {
                findings.add(
                    FieldProblem(
                        path: place, value: name, problem: "is no namespace: it \(problem)",
                        remedy: "use . for this namespace, * for all, or a namespace's name"))
            }
        }
        if names.count > 1, seen.contains("*") || seen.contains("~") {
            let name = seen.contains("*") ? "*" : "~"
            findings.add(
                FieldProblem(path: path, value: name, problem: "excludes the other entries", remedy: "keep one of them")
            )
        }
        if !namespace.isEmpty, seen.contains("."), seen.contains(namespace) {
            findings.add(
                FieldProblem(
                    path: path, value: namespace, problem: "is this namespace, which . stands for already",
                    remedy: "remove one", reason: .duplicate))
        }
    }
}
