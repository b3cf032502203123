import MeshModel

/// Compiles match blocks.
struct RouteConditionCompiler {
    let engine: any PatternEngine

    /// The condition of a block. One that cannot be compiled is never met, with the reason.
    func compile(_ match: VirtualServiceSpec.HTTPMatch) -> RouteCondition {
        do throws(PatternError) {
            return try condition(match)
        } catch {
            var never = RouteCondition()
            never.unusable = "an expression in it \(error.reason)"
            return never
        }
    }

    private func condition(_ match: VirtualServiceSpec.HTTPMatch) throws(PatternError) -> RouteCondition {
        var result = RouteCondition()
        if let uri = match.uri {
            result.path = try PathCondition.compile(uri, foldingCase: match.ignoreUriCase, engine)
            result.allowsAnyPath = uri == .regex(".*")
        }
        for (name, text) in [
            (FieldName.method, match.method), (FieldName.scheme, match.scheme), (FieldName.authority, match.authority),
        ] {
            guard let text else { continue }
            result.fields.append(
                FieldCondition(name: name, condition: try ValueCondition(text, engine), isInverted: false))
        }
        for (name, text) in match.headers.sorted(by: { $0.key < $1.key }) {
            try add(name, text, isInverted: false, to: &result)
        }
        for (name, text) in match.withoutHeaders.sorted(by: { $0.key < $1.key }) {
            // Under withoutHeaders Istio takes the expression * for presence.
            try add(name, text == .regex("*") ? .present : text, isInverted: true, to: &result)
        }
        for (name, text) in match.queryParams.sorted(by: { $0.key < $1.key }) {
            result.parameters.append(
                QueryCondition(name: Array(name.utf8), condition: try ValueCondition(text, engine)))
        }
        result.port = match.port
        result.clientNamespace = match.sourceNamespace
        result.clientLabels = match.sourceLabels.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        return result
    }

    private func add(
        _ name: String, _ match: TextMatch, isInverted: Bool, to result: inout RouteCondition
    ) throws(PatternError) {
        guard !name.hasPrefix("@request.auth.") else {
            result.unusable = "claims of tokens are not known here, so \(name) cannot be compared"
            return
        }
        result.fields.append(
            FieldCondition(
                name: FieldName.canonical(name), condition: try ValueCondition(match, engine), isInverted: isInverted))
    }
}
