import MeshModel
import RE2Engine

/// Validates documents before anything is sent: each by the rules that ambitd applies too, then all together for names that
/// appear twice. Pure.
enum DocumentCheck {
    /// The namespace of a document that names none: `explicit` (then documents of others are refused) or `fallback`.
    struct Namespace: Sendable {
        let explicit: String?
        let fallback: String

        init(explicit: String?, fallback: String) {
            self.explicit = explicit
            self.fallback = fallback
        }
    }

    /// The documents to send, namespaces first and else in their order, everything that is wrong, and what is left out.
    ///
    /// A Deployment or a ConfigMap beside what is served is left out: files for a cluster hold both, leaving those out changes
    /// nothing that the mesh does, and who applies them wants the rest. Where there is nothing else, that is a problem.
    static func check(
        _ documents: [InputDocument], namespace: Namespace
    ) -> (checked: [CheckedDocument], problems: [DocumentProblem], skipped: [DocumentProblem]) {
        var checked: [CheckedDocument] = []
        var skipped: [DocumentProblem] = []
        var problems: [DocumentProblem] = []
        var seen: [ResourceReference: String] = [:]
        for document in documents.flatMap(items) {
            switch resource(document, namespace: namespace) {
            case .failure(let found):
                let isClusterOnly = document.value["kind"]?.asString.map(UnservedKinds.isClusterOnly) == true
                if isClusterOnly { skipped += found.problems } else { problems += found.problems }
            case .success(let resource):
                let place = place(document, field: "metadata")
                if let earlier = seen[resource.reference] {
                    problems.append(
                        document.problem(
                            FieldPath("metadata", "name"),
                            value: resource.reference.name,
                            "\(resource.reference)\(resource.reference.place) is already given at \(earlier)",
                            "keep one of the two"))
                } else {
                    seen[resource.reference] = place
                    checked.append(resource)
                }
            }
        }
        if checked.isEmpty, problems.isEmpty { swap(&problems, &skipped) }
        let namespaces = checked.filter { $0.reference.kind == .namespace }
        return (namespaces + checked.filter { $0.reference.kind != .namespace }, problems, skipped)
    }

    /// The items of a `List`, each with its own place in the file; any other document as it is.
    static func items(_ document: InputDocument) -> [InputDocument] {
        guard document.value["kind"]?.asString == "List", let items = document.value["items"]?.elements else {
            return [document]
        }
        let path = FieldPath("items")
        return items.enumerated().map { index, item in
            document.item(item, at: path.appending(index: index))
        }
    }

    /// What knows regular expressions, the same as ambitd has.
    private static let patterns = RE2Engine()

    private struct Problems: Error {
        let problems: [DocumentProblem]
    }

    private static func resource(
        _ document: InputDocument, namespace: Namespace
    ) -> Result<CheckedDocument, Problems> {
        switch Validation.validate(document.value, patterns: patterns) {
        case .failure(let found):
            return .failure(
                Problems(
                    problems: found.problems.map {
                        document.problem($0.path, value: $0.value, $0.problem, $0.remedy)
                    }))
        case .success(let accepted):
            let resource = accepted.resource
            let given = resource.metadata.namespace.isEmpty ? nil : resource.metadata.namespace
            if resource.kind.isNamespaced, let given, let explicit = namespace.explicit, given != explicit {
                let path = FieldPath("metadata", "namespace")
                let problem = document.problem(
                    path, value: given, "not the namespace \(explicit) that --namespace names",
                    "leave --namespace out, or correct the document")
                return .failure(Problems(problems: [problem]))
            }
            let reference = ResourceReference(
                kind: resource.kind, namespace: given ?? namespace.explicit ?? namespace.fallback,
                name: resource.metadata.name)
            let warnings =
                document.warnings.map(\.text)
                + accepted.warnings.map { warning in
                    document.problem(warning.path, value: nil, warning.message, nil).text
                }
            return .success(
                CheckedDocument(
                    reference: reference, object: placed(document.value, in: reference.namespace), warnings: warnings))
        }
    }

    /// The object with `metadata.namespace` filled in.
    private static func placed(_ object: JSONValue, in namespace: String?) -> JSONValue {
        guard let namespace, object["metadata"]?["namespace"] == nil else { return object }
        return JSONValue(
            members: object.members.map { member in
                guard member.name == "metadata" else { return member }
                return ("metadata", JSONValue(members: member.value.members + [("namespace", .string(namespace))]))
            })
    }

    private static func place(_ document: InputDocument, field: String) -> String {
        let line = document.position(of: FieldPath(field))?.line
        return line.map { "\(document.source):\($0)" } ?? document.source
    }
}
