/// Decides whether a document is a resource that Ambit serves. Pure; the same rules in ambitd and in ambitctl (I 3.2).
package enum Validation {
    /// The resource that `document` is, with warnings, or everything that is wrong with it.
    ///
    /// The namespace may be missing: whoever stores the resource fills it in. Names that other resources have already
    /// taken are the store's concern. `patterns` compiles regular expressions to see whether they are any; without it they
    /// are checked for their size only.
    package static func validate(_ document: JSONValue, patterns: (any PatternEngine)? = nil) -> Result<
        (resource: Resource, warnings: [Warning]), FieldProblems
    > {
        let findings = Findings()
        do throws(FieldProblems) {
            return .success(try validate(document, findings, patterns))
        } catch {
            return .failure(error)
        }
    }

    private static func validate(
        _ document: JSONValue, _ findings: Findings, _ patterns: (any PatternEngine)?
    ) throws(FieldProblems) -> (resource: Resource, warnings: [Warning]) {
        guard let object = document.asObject else {
            findings.add(
                FieldProblem(
                    path: .root, problem: "the document is \(document.typeName), not an object",
                    remedy: "begin with apiVersion, kind and metadata"))
            throw FieldProblems(problems: findings.problems)
        }
        let reader = ObjectReader(object, path: .root, findings: findings)
        guard let kind = kind(reader) else { throw FieldProblems(problems: findings.problems) }
        readMembers(reader, kind, metadata: ResourceMetadata(document["metadata"]), patterns)
        try findings.check()
        let stored = kind == .secret ? SecretSpec.normalized(document) : document
        return (Resource(kind: kind, object: stored), findings.warnings)
    }

    /// Asks for everything that a document of the kind may have, of nobody: what is asked for is its schema.
    static func describe(_ kind: ResourceKind, to recorder: SchemaRecorder) {
        let reader = ObjectReader(describingTo: recorder)
        _ = self.kind(reader)
        readMembers(reader, kind, metadata: ResourceMetadata(name: ""), nil)
    }

    private static func readMembers(
        _ reader: ObjectReader, _ kind: ResourceKind, metadata: ResourceMetadata, _ patterns: (any PatternEngine)?
    ) {
        if let metadata = reader.object("metadata", required: true, about: "Name, namespace, labels and annotations.") {
            MetadataRules.check(metadata, kind: kind)
        }
        if hasSpec(kind),
            let spec = reader.object(
                "spec", required: requiresSpec(kind), naming: naming(kind), about: "What is wanted.")
        {
            check(spec, of: kind, metadata: metadata, patterns)
        }
        if kind == .secret { SecretRules.check(reader) }
        if kind == .serviceAccount {
            for key in ["secrets", "imagePullSecrets", "automountServiceAccountToken"] {
                reader.ignore(key, because: "has no effect here: identities are certificates, not tokens")
            }
        }
        _ = reader.object("status", about: "What was observed; changed through the status path only.")
        reader.finish()
    }

    private static func hasSpec(_ kind: ResourceKind) -> Bool { kind != .serviceAccount && kind != .secret }

    /// Kinds whose older documents are full of snake_case names take those (I 9.7).
    private static func naming(_ kind: ResourceKind) -> ObjectReader.Naming {
        switch kind {
        case .virtualService, .destinationRule, .gateway: .protobuf
        default: .exact
        }
    }

    private static func requiresSpec(_ kind: ResourceKind) -> Bool {
        switch kind {
        case .service, .serviceEntry, .workloadEntry, .workloadGroup, .virtualService, .destinationRule, .gateway: true
        // An empty PeerAuthentication inherits, an empty AuthorizationPolicy denies all: both are written on purpose.
        case .namespace, .serviceAccount, .sidecar, .secret, .peerAuthentication, .authorizationPolicy: false
        }
    }

    private static func check(
        _ spec: ObjectReader, of kind: ResourceKind, metadata: ResourceMetadata, _ patterns: (any PatternEngine)?
    ) {
        switch kind {
        case .namespace:
            spec.accept("finalizers", about: "Accepted without effect: deleting a namespace deletes what is in it.")
            spec.finish()
        case .serviceAccount, .secret: break
        case .service: ServiceRules.check(spec)
        case .serviceEntry: ServiceEntryRules.check(spec, metadata: metadata)
        case .workloadEntry: WorkloadEntryRules.check(spec)
        case .workloadGroup: WorkloadGroupRules.check(spec)
        case .virtualService: VirtualServiceRules.check(spec, metadata: metadata, patterns: patterns)
        case .destinationRule: DestinationRuleRules.check(spec, metadata: metadata)
        case .gateway: GatewayRules.check(spec)
        case .sidecar: SidecarSpec.check(spec)
        case .peerAuthentication: PeerAuthenticationRules.check(spec)
        case .authorizationPolicy: AuthorizationPolicyRules.check(spec, metadata: metadata)
        }
    }

    private static func kind(_ reader: ObjectReader) -> ResourceKind? {
        let apiVersion = reader.string(
            "apiVersion", required: true, about: "The group and version that this document is written in.")
        guard let name = reader.string("kind", required: true, about: "The kind of the object."), !name.isEmpty else {
            return nil
        }
        let remedy = UnservedKinds.remedy(for: name, apiVersion: apiVersion ?? "")
        guard remedy == nil, let kind = ResourceKind(rawValue: name) else {
            if let remedy {
                reader.problem("kind", value: name, "is not served here", remedy: remedy, reason: .notSupported)
            } else {
                let guess = Spelling.nearest(to: name, among: ResourceKind.allCases.map(\.kind))
                reader.problem(
                    "kind", value: name, "is no known kind",
                    remedy: (guess.map { "did you mean \($0)? " } ?? "") + "served are \(UnservedKinds.served)",
                    reason: .notSupported)
            }
            return nil
        }
        guard let apiVersion, !apiVersion.isEmpty else { return nil }
        let served = kind.versions.map { kind.apiVersion($0) }
        guard served.contains(apiVersion) else {
            reader.problem(
                "apiVersion", value: apiVersion, "is not served for \(kind.kind)",
                remedy: "use " + served.joined(separator: " or "), reason: .notSupported)
            return nil
        }
        return kind
    }
}
