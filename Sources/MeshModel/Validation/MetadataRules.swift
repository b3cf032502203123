/// The rules of `metadata`, the same for all kinds but for the form of the name.
enum MetadataRules {
    /// Largest size of all annotations of an object together, 256 KiB as in Kubernetes.
    static let longestAnnotations = 256 << 10

    static func check(_ reader: ObjectReader, kind: ResourceKind) {
        checkName(reader, kind)
        checkNamespace(reader, kind)
        for (key, value)
            in (reader.stringMap(
                "labels", about: "Words that selectors pick objects by.") ?? [:]).sorted(by: { $0.key < $1.key })
        {
            LabelRules.check(key: key, value: value, at: reader.path.appending(key: "labels"), reader.findings)
        }
        let annotations =
            reader.stringMap("annotations", about: "Notes of tools and people; selectors do not see them.") ?? [:]
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
        for (key, about) in [
            ("uid", "Set by the server; never the same for two objects."),
            (
                "resourceVersion",
                "Set by the server at each change; a write that names it fails when it is not the newest."
            ),
            ("creationTimestamp", "Set by the server."), ("selfLink", "Not used any more."),
            ("deletionTimestamp", "Never set here: deleting removes the object at once."),
        ] {
            _ = reader.string(key, about: about)
        }
        for (key, about) in [
            ("generation", "Set by the server; counts the changes of what is wanted."),
            ("deletionGracePeriodSeconds", "Never set here: deleting removes the object at once."),
        ] {
            _ = reader.integer(key, in: 0...Int64.max, about: about)
        }
        reader.accept("managedFields", about: "Which fields were applied by whom (server-side apply).")
        reader.describe(
            "finalizers", .list(FieldSchema(.string)),
            about: "Accepted, but has no effect here: deleting removes the object at once.")
        reader.describe(
            "ownerReferences", .list(FieldSchema(.map(FieldSchema(.anything)))),
            about: "Accepted, but has no effect here: objects are deleted by name or with their namespace.",
            mergeKey: "uid")
        if reader.value("finalizers")?.asArray?.isEmpty == false {
            reader.warn("finalizers", "has no effect here: deleting removes the object at once")
        }
        if reader.value("ownerReferences")?.asArray?.isEmpty == false {
            reader.warn("ownerReferences", "has no effect here: objects are deleted by name or with their namespace")
        }
        reader.finish()
    }

    private static func checkName(_ reader: ObjectReader, _ kind: ResourceKind) {
        // Clients may leave it out where the server makes one: required of a document, not of what they send.
        reader.describe("name", .string, about: "The name, one in its namespace.")
        if reader.has("generateName"), !reader.has("name") {
            _ = reader.string("generateName")
            reader.problem(
                "name", "is required", remedy: "give a name; only the server's create makes one of generateName",
                reason: .required)
            reader.accept("name")
            return
        }
        _ = reader.string(
            "generateName",
            about: "The beginning of the name, where the server chooses the rest when it creates the object.")
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
        guard let namespace = reader.string("namespace", about: "The namespace that it is in."), !namespace.isEmpty
        else { return }
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
