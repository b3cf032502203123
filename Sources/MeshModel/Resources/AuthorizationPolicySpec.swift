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

    private static let targets = "Waypoints and gateways that it is attached to; they are not served yet, use selector."

    /// Reads the spec of a whole document. Throws every problem found.
    package init(_ document: JSONValue) throws(FieldProblems) {
        let findings = Findings()
        self.init(SpecDocument.reader(of: document, findings))
        try findings.check()
    }

    init(_ reader: ObjectReader) {
        if let selector = reader.object(
            "selector", about: "Which workloads it is for; all of the namespace where left out.")
        {
            hasSelector = true
            self.selector = selector.stringMap("matchLabels", about: "Labels that all must be there.") ?? [:]
            selector.finish(remedy: "write labels below matchLabels")
        }
        for target in (reader.object("targetRef", about: Self.targets).map { [$0] } ?? [])
            + reader.objects("targetRefs", about: Self.targets)
        {
            targetRefs.append(
                Target(
                    kind: target.string("kind", required: true, about: "The target's kind.") ?? "",
                    name: target.string("name", required: true, about: "The target's name.") ?? ""
                ))
            _ = target.string("group", about: "The target's API group.")
            _ = target.string("namespace", about: "The target's namespace.")
            target.finish()
        }
        action = reader.word(
            "action", of: ["ALLOW", "DENY", "AUDIT", "CUSTOM"],
            about: "ALLOW, also where left out, or DENY; AUDIT and CUSTOM are not served.")
        if let provider = reader.object(
            "provider", about: "The external authorizer of action CUSTOM, which is not served.")
        {
            hasProvider = true
            _ = provider.string("name", about: "The authorizer's name.")
            provider.finish()
        }
        rules = reader.objects("rules", about: "What is matched; a policy without rules matches nothing.").map {
            Rule($0)
        }
        reader.finish()
    }
}

extension AuthorizationPolicySpec.Rule {
    fileprivate init(_ reader: ObjectReader) {
        for entry in reader.objects("from", about: "Who connects: one of these must match.") {
            if let source = entry.object(
                "source", required: true, about: "What must be true of the client; all fields.")
            {
                from.append(AuthorizationPolicySpec.Source(source))
            }
            entry.finish()
        }
        for entry in reader.objects("to", about: "What is connected to: one of these must match.") {
            if let operation = entry.object(
                "operation", required: true, about: "What must be true of the target; all fields.")
            {
                to.append(AuthorizationPolicySpec.Operation(operation))
            }
            entry.finish()
        }
        for condition in reader.objects("when", about: "Further conditions: all must match.") {
            when.append(
                AuthorizationPolicySpec.Condition(
                    key: condition.string("key", required: true, about: "The attribute, such as source.namespace.")
                        ?? "", values: condition.strings("values", about: "One of these values."),
                    notValues: condition.strings("notValues", about: "None of these values.")))
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
        principals = reader.strings(
            "principals", about: "Identities, TRUSTDOMAIN/ns/NAMESPACE/sa/ACCOUNT; * at either end is a wildcard.")
        notPrincipals = reader.strings(
            "notPrincipals",
            about: "None of these: identities, TRUSTDOMAIN/ns/NAMESPACE/sa/ACCOUNT; * at either end is a wildcard.")
        requestPrincipals = reader.strings(
            "requestPrincipals", about: "Identities of a JSON web token. Needs a waypoint.")
        notRequestPrincipals = reader.strings(
            "notRequestPrincipals", about: "None of these: identities of a JSON web token. Needs a waypoint.")
        namespaces = reader.strings("namespaces", about: "Namespaces of the client.")
        notNamespaces = reader.strings("notNamespaces", about: "None of these: namespaces of the client.")
        serviceAccounts = reader.strings(
            "serviceAccounts", about: "Service accounts of the client, ACCOUNT or NAMESPACE/ACCOUNT.")
        notServiceAccounts = reader.strings(
            "notServiceAccounts", about: "None of these: service accounts of the client, ACCOUNT or NAMESPACE/ACCOUNT.")
        ipBlocks = reader.strings(
            "ipBlocks", about: "Addresses of the client on this connection: IP addresses and CIDR ranges.")
        notIpBlocks = reader.strings(
            "notIpBlocks",
            about: "None of these: addresses of the client on this connection: IP addresses and CIDR ranges.")
        remoteIpBlocks = reader.strings(
            "remoteIpBlocks", about: "Addresses of the client behind proxies. Needs a waypoint.")
        notRemoteIpBlocks = reader.strings(
            "notRemoteIpBlocks", about: "None of these: addresses of the client behind proxies. Needs a waypoint.")
        trustDomains = reader.strings("trustDomains", about: "Trust domains of the client.")
        notTrustDomains = reader.strings("notTrustDomains", about: "None of these: trust domains of the client.")
        reader.finish()
    }
}

extension AuthorizationPolicySpec.Operation {
    fileprivate init(_ reader: ObjectReader) {
        hosts = reader.strings("hosts", about: "Hosts of the request. Needs a waypoint.")
        notHosts = reader.strings("notHosts", about: "None of these: hosts of the request. Needs a waypoint.")
        ports = reader.strings("ports", about: "Ports of the workload, as text.")
        notPorts = reader.strings("notPorts", about: "None of these: ports of the workload, as text.")
        methods = reader.strings("methods", about: "Methods of the request. Needs a waypoint.")
        notMethods = reader.strings("notMethods", about: "None of these: methods of the request. Needs a waypoint.")
        paths = reader.strings("paths", about: "Paths of the request. Needs a waypoint.")
        notPaths = reader.strings("notPaths", about: "None of these: paths of the request. Needs a waypoint.")
        reader.finish()
    }
}
