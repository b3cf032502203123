/// The rules of `metadata`, the same for all kinds but for the form of the name.
enum MetadataRules {
    /// Largest size of all annotations of an object together, 256 KiB as in Kubernetes.
    static let longestAnnotations = 256 << 10

    static func check(_ reader: ObjectReader, kind: ResourceKind) {
        checkName(reader, kind)
        checkNamespace(reader, kind)
        for (key, value) in (reader.stringMap("labels") ?? [:]).sorted(by: { $0.key < $1.key }) {
            LabelRules.check(key: key, value: value, at: reader.path.appending(key: "labels"), reader.findings)
        }
        let annotations = reader.stringMap("annotations") ?? [:]
        var size = 0
        for (key, value) in annotations.sorted(by: { $0.key < $1.key }) {
            size += key.utf8.count + value.utf8.count
            if let problem = NameRules.key(key) {
                reader.findings.add(
                    FieldProblem(
                        path: reader.path.appending(key: "annotations").appending(key: key), value: key,
                        problem: "as a key \(problem)", remedy: "use the form example.com/name"))
            }
        }
        if size > longestAnnotations {
            reader.problem("annotations", "have \(size) bytes", remedy: "at most \(longestAnnotations) are accepted")
        }
        checkDryRun(annotations["istio.io/dry-run"], reader, kind)
        for key in ["uid", "resourceVersion", "creationTimestamp", "selfLink", "deletionTimestamp"] {
            _ = reader.string(key)
        }
        for key in ["generation", "deletionGracePeriodSeconds"] { _ = reader.integer(key, in: 0...Int64.max) }
        reader.accept("managedFields")
        if reader.value("finalizers")?.asArray?.isEmpty == false {
            reader.warn("finalizers", "has no effect here: deleting removes the object at once")
        }
        if reader.value("ownerReferences")?.asArray?.isEmpty == false {
            reader.warn("ownerReferences", "has no effect here: objects are deleted by name or with their namespace")
        }
        reader.finish()
    }

    private static func checkName(_ reader: ObjectReader, _ kind: ResourceKind) {
        if reader.has("generateName"), !reader.has("name") {
            _ = reader.string("generateName")
            reader.problem("name", "is required", remedy: "give a name; generateName is not served", reason: .required)
            reader.accept("name")
            return
        }
        reader.accept("generateName")
        guard let name = reader.string("name", required: true), !name.isEmpty else { return }
        let problem =
            switch kind {
            case .namespace: NameRules.label(name)
            case .service: NameRules.letterLabel(name)
            default: NameRules.subdomain(name)
            }
        if let problem {
            reader.problem(
                "name", value: name, problem, remedy: "use a name such as \(suggestion(for: name, of: kind))")
        }
    }

    private static func checkNamespace(_ reader: ObjectReader, _ kind: ResourceKind) {
        guard let namespace = reader.string("namespace"), !namespace.isEmpty else { return }
        guard kind.isNamespaced else {
            reader.problem(
                "namespace", value: namespace, "is written on a \(kind.kind), which lives in no namespace",
                remedy: "remove it", reason: .forbidden)
            return
        }
        if let problem = NameRules.label(namespace) {
            reader.problem(
                "namespace", value: namespace, problem, remedy: "use a name such as \(suggestion(for: namespace))")
        }
    }

    private static func checkDryRun(_ value: String?, _ reader: ObjectReader, _ kind: ResourceKind) {
        guard let value else { return }
        let path = reader.path.appending(key: "annotations").appending(key: "istio.io/dry-run")
        if kind != .authorizationPolicy {
            reader.findings.add(
                FieldProblem(
                    path: path, value: value, problem: "is for AuthorizationPolicy only", remedy: "remove it",
                    reason: .forbidden))
        } else if value != "true", value != "false" {
            reader.findings.add(
                FieldProblem(
                    path: path, value: value, problem: "is no truth value", remedy: "use \"true\" or \"false\""))
        }
    }

    /// The name with what is not allowed replaced.
    private static func suggestion(for name: String, of kind: ResourceKind = .namespace) -> String {
        let mapped = name.lowercased().utf8.map { byte -> UInt8 in
            let isPlain =
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            return isPlain ? byte : UInt8(ascii: "-")
        }
        var trimmed = mapped.prefix(NameRules.longestLabel)[...]
        while trimmed.first == UInt8(ascii: "-") { trimmed = trimmed.dropFirst() }
        while trimmed.last == UInt8(ascii: "-") { trimmed = trimmed.dropLast() }
        guard !trimmed.isEmpty else { return "web" }
        let text = String(decoding: trimmed, as: UTF8.self)
        let needsLetter = kind == .service && NameRules.letterLabel(text) != nil
        return needsLetter ? "s-" + text.prefix(NameRules.longestLabel - 2) : text
    }
}
