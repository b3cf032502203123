/// The spec of an AuthorizationPolicy: who may connect to the workloads that it selects (I 1.8).
package struct AuthorizationPolicySpec: Sendable, Hashable {
    /// An object that a policy is attached to instead of selecting workloads.
    package struct Target: Sendable, Hashable {
        package var kind: String
        package var name: String
    }

    /// Where a connection comes from. All fields that are written must match; of a field, one value.
    package struct Source: Sendable, Hashable {
        package var principals: [String] = []
        package var notPrincipals: [String] = []
        package var requestPrincipals: [String] = []
        package var notRequestPrincipals: [String] = []
        package var namespaces: [String] = []
        package var notNamespaces: [String] = []
        package var serviceAccounts: [String] = []
        package var notServiceAccounts: [String] = []
        package var ipBlocks: [String] = []
        package var notIpBlocks: [String] = []
        package var remoteIpBlocks: [String] = []
        package var notRemoteIpBlocks: [String] = []
        package var trustDomains: [String] = []
        package var notTrustDomains: [String] = []
    }

    /// What a connection asks for.
    package struct Operation: Sendable, Hashable {
        package var hosts: [String] = []
        package var notHosts: [String] = []
        package var ports: [String] = []
        package var notPorts: [String] = []
        package var methods: [String] = []
        package var notMethods: [String] = []
        package var paths: [String] = []
        package var notPaths: [String] = []
    }

    /// A further condition on one attribute.
    package struct Condition: Sendable, Hashable {
        package var key: String
        package var values: [String]
        package var notValues: [String]
    }

    /// One of `from`, one of `to`, and all of `when`.
    package struct Rule: Sendable, Hashable {
        package var from: [Source] = []
        package var to: [Operation] = []
        package var when: [Condition] = []
    }

    /// Labels of the workloads that it is for; empty for the whole namespace.
    package var selector: [String: String] = [:]
    /// Objects that it is attached to; these policies are for waypoints.
    package var targetRefs: [Target] = []
    /// ALLOW (also where absent), DENY, AUDIT or CUSTOM.
    package var action: String?
    /// The rules; none means that nothing matches.
    package var rules: [Rule] = []
    /// Whether a selector is written at all.
    var hasSelector = false
    /// Whether a provider is written.
    var hasProvider = false

    /// Reads the spec of a whole document. Throws every problem found.
    package init(_ document: JSONValue) throws(FieldProblems) {
        let findings = Findings()
        self.init(SpecDocument.reader(of: document, findings))
        try findings.check()
    }

    init(_ reader: ObjectReader) {
        if let selector = reader.object("selector") {
            hasSelector = true
            self.selector = selector.stringMap("matchLabels") ?? [:]
            selector.finish()
        }
        for target in (reader.object("targetRef").map { [$0] } ?? []) + reader.objects("targetRefs") {
            targetRefs.append(
                Target(
                    kind: target.string("kind", required: true) ?? "", name: target.string("name", required: true) ?? ""
                ))
            target.accept("group", "namespace")
            target.finish()
        }
        action = reader.word("action", of: ["ALLOW", "DENY", "AUDIT", "CUSTOM"])
        if let provider = reader.object("provider") {
            hasProvider = true
            _ = provider.string("name")
            provider.finish()
        }
        rules = reader.objects("rules").map { Rule($0) }
        reader.finish()
    }
}

extension AuthorizationPolicySpec.Rule {
    fileprivate init(_ reader: ObjectReader) {
        for entry in reader.objects("from") {
            if let source = entry.object("source", required: true) {
                from.append(AuthorizationPolicySpec.Source(source))
            }
            entry.finish()
        }
        for entry in reader.objects("to") {
            if let operation = entry.object("operation", required: true) {
                to.append(AuthorizationPolicySpec.Operation(operation))
            }
            entry.finish()
        }
        for condition in reader.objects("when") {
            when.append(
                AuthorizationPolicySpec.Condition(
                    key: condition.string("key", required: true) ?? "", values: condition.strings("values"),
                    notValues: condition.strings("notValues")))
            condition.finish()
        }
        for key in ["from", "to", "when"] where reader.has(key) && reader.value(key)?.asArray?.isEmpty == true {
            reader.problem(key, "is an empty list", remedy: "remove it to match everything, or write an entry")
        }
        reader.finish()
    }
}

extension AuthorizationPolicySpec.Source {
    fileprivate init(_ reader: ObjectReader) {
        principals = reader.strings("principals")
        notPrincipals = reader.strings("notPrincipals")
        requestPrincipals = reader.strings("requestPrincipals")
        notRequestPrincipals = reader.strings("notRequestPrincipals")
        namespaces = reader.strings("namespaces")
        notNamespaces = reader.strings("notNamespaces")
        serviceAccounts = reader.strings("serviceAccounts")
        notServiceAccounts = reader.strings("notServiceAccounts")
        ipBlocks = reader.strings("ipBlocks")
        notIpBlocks = reader.strings("notIpBlocks")
        remoteIpBlocks = reader.strings("remoteIpBlocks")
        notRemoteIpBlocks = reader.strings("notRemoteIpBlocks")
        trustDomains = reader.strings("trustDomains")
        notTrustDomains = reader.strings("notTrustDomains")
        reader.finish()
    }
}

extension AuthorizationPolicySpec.Operation {
    fileprivate init(_ reader: ObjectReader) {
        hosts = reader.strings("hosts")
        notHosts = reader.strings("notHosts")
        ports = reader.strings("ports")
        notPorts = reader.strings("notPorts")
        methods = reader.strings("methods")
        notMethods = reader.strings("notMethods")
        paths = reader.strings("paths")
        notPaths = reader.strings("notPaths")
        reader.finish()
    }
}
