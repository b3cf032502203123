/// Who may reach what (I 1.8, 2.17).
package struct AuthorizationPolicySpec: Hashable, Sendable {
    /// What the policy is attached to instead of selected workloads.
    package struct Target: Hashable, Sendable {
        package var kind: String
        package var name: String
    }

    /// Where a request comes from; lists are OR, fields are AND.
    package struct Source: Hashable, Sendable {
        package var principals: [String]
        package var notPrincipals: [String]
        package var requestPrincipals: [String]
        package var notRequestPrincipals: [String]
        package var namespaces: [String]
        package var notNamespaces: [String]
        package var serviceAccounts: [String]
        package var notServiceAccounts: [String]
        package var ipBlocks: [String]
        package var notIpBlocks: [String]
        package var remoteIpBlocks: [String]
        package var notRemoteIpBlocks: [String]
        package var trustDomains: [String]
        package var notTrustDomains: [String]

        init(_ value: JSONValue) {
            let list = { (name: String) in value[name]?.strings ?? [] }
            principals = list("principals")
            notPrincipals = list("notPrincipals")
            requestPrincipals = list("requestPrincipals")
            notRequestPrincipals = list("notRequestPrincipals")
            namespaces = list("namespaces")
            notNamespaces = list("notNamespaces")
            serviceAccounts = list("serviceAccounts")
            notServiceAccounts = list("notServiceAccounts")
            ipBlocks = list("ipBlocks")
            notIpBlocks = list("notIpBlocks")
            remoteIpBlocks = list("remoteIpBlocks")
            notRemoteIpBlocks = list("notRemoteIpBlocks")
            trustDomains = list("trustDomains")
            notTrustDomains = list("notTrustDomains")
        }
    }

    /// What a request does.
    package struct Operation: Hashable, Sendable {
        package var hosts: [String]
        package var notHosts: [String]
        package var ports: [String]
        package var notPorts: [String]
        package var methods: [String]
        package var notMethods: [String]
        package var paths: [String]
        package var notPaths: [String]

        init(_ value: JSONValue) {
            let list = { (name: String) in value[name]?.strings ?? [] }
            hosts = list("hosts")
            notHosts = list("notHosts")
            ports = list("ports")
            notPorts = list("notPorts")
            methods = list("methods")
            notMethods = list("notMethods")
            paths = list("paths")
            notPaths = list("notPaths")
        }
    }

    /// A further condition on an attribute.
    package struct Condition: Hashable, Sendable {
        package var key: String
        package var values: [String]
        package var notValues: [String]
    }

    /// One rule: `from` and `to` are OR inside and AND with each other, `when` is AND.
    package struct Rule: Hashable, Sendable {
        package var from: [Source]
        package var to: [Operation]
        package var when: [Condition]
    }

    package var selector: [String: String]
    package var targetRefs: [Target]
    /// `ALLOW`, `DENY`, `AUDIT` or `CUSTOM`; nil means ALLOW.
    package var action: String?
    package var rules: [Rule]

    /// Reads a whole AuthorizationPolicy document.
    package init(_ object: JSONValue) throws(SpecError) {
        let spec = object["spec"]
        selector = spec?["selector"]?["matchLabels"]?.stringMap ?? [:]
        let targets = (spec?["targetRefs"]?.asArray ?? []) + [spec?["targetRef"]].compactMap { $0 }
        targetRefs = targets.map { Target(kind: $0["kind"]?.asString ?? "", name: $0["name"]?.asString ?? "") }
        action = spec?["action"]?.asString
        rules = (spec?["rules"]?.asArray ?? []).map { rule in
            Rule(
                from: (rule["from"]?.asArray ?? []).map { Source($0["source"] ?? .null) },
                to: (rule["to"]?.asArray ?? []).map { Operation($0["operation"] ?? .null) },
                when: (rule["when"]?.asArray ?? []).map {
                    Condition(
                        key: $0["key"]?.asString ?? "", values: $0["values"]?.strings ?? [],
                        notValues: $0["notValues"]?.strings ?? [])
                })
        }
    }
}
