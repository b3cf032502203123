/// The rules of conditions on texts.
struct TextMatchRules {
    /// The longest expression, in bytes, as in Istio.
    static let longestRegex = 1024

    let findings: Findings
    let patterns: (any PatternEngine)?

    /// One condition; an empty prefix says nothing, but for a path it is what people write for "all".
    func check(_ match: TextMatch?, at path: FieldPath, allowsEmptyPrefix: Bool = false) {
        switch match {
        case .prefix("")? where !allowsEmptyPrefix:
            findings.add(path.appending(key: "prefix"), "is empty", "give a prefix, or {} for any value")
        case .regex(let regex)?: check(regex: regex, at: path.appending(key: "regex"))
        default: break
        }
    }

    /// An expression.
    func check(regex: String, at path: FieldPath) {
        if regex.isEmpty {
            findings.add(path, "is empty", "give an RE2 expression")
        } else if regex.utf8.count > Self.longestRegex {
            findings.add(
                path, "\(regex.utf8.count)", "bytes are too many for an expression",
                "write at most \(Self.longestRegex)")
        } else if let problem = problem(of: regex) {
            findings.add(
                path, regex, "cannot be used: \(problem)", "see https://github.com/google/re2/wiki/Syntax")
        }
    }

    /// What the engine says of an expression.
    private func problem(of regex: String) -> String? {
        do throws(PatternError) {
            _ = try patterns?.compile(regex)
            return nil
        } catch {
            return error.reason
        }
    }

    /// Conditions on a port, on a client.
    static func check(labels: [String: String], namespace: String?, at path: FieldPath, _ findings: Findings) {
        LabelRules.check(labels, at: path.appending(key: "sourceLabels"), findings)
        if let namespace, let problem = NameRules.label(namespace) {
            findings.add(path.appending(key: "sourceNamespace"), namespace, problem, "use the name of a namespace")
        }
    }
}
