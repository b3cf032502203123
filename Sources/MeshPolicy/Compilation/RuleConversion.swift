import MeshModel

/// One rule of an AuthorizationPolicy: `from`, `to` and `when` each become clauses that must all hold.
struct RuleConversion {
    private let rule: AuthorizationPolicySpec.Rule
    private let action: Authorization.Action
    private let namespace: String
    /// The fields that L4 cannot decide on, or whose values cannot be read.
    private(set) var unusable: Set<String> = []

    init(_ rule: AuthorizationPolicySpec.Rule, action: Authorization.Action, namespace: String) {
        self.rule = rule
        self.action = action
        self.namespace = namespace
    }

    /// The rule, or nil where it must not match anything: an ALLOW rule with a part that cannot be decided.
    mutating func convert() -> AuthorizationRule? {
        var clauses: [AuthorizationClause] = []
        if !rule.to.isEmpty { clauses += alternatives(rule.to.map { operation($0) }) }
        if !rule.from.isEmpty {
            let sources = rule.from.map { source($0) }
            clauses += alternatives(sources.map(\.match))
            // A trust domain beside principals is a condition of its own; with one source that is a further clause.
            if sources.count == 1, let domain = sources.first?.domain { clauses.append(AuthorizationClause([domain])) }
        }
        for condition in rule.when { clauses += alternatives([self.condition(condition)]) }
        if action == .allow, !unusable.isEmpty { return nil }
        return AuthorizationRule(clauses)
    }

    /// Alternatives as a clause, or none where it holds for everything.
    ///
    /// An alternative without a condition that L4 knows would be everything. On the wire an empty match is nothing. So a DENY
    /// rule loses the whole clause, and an ALLOW rule loses the alternative; one that has no other is unusable.
    private mutating func alternatives(_ matches: [AuthorizationMatch]) -> [AuthorizationClause] {
        let usable = matches.filter { !$0.isEmpty }
        if usable.count == matches.count { return [AuthorizationClause(matches)] }
        if action == .deny { return [] }
        if usable.isEmpty { unusable.insert("a source, operation or condition without L4 fields") }
        return [AuthorizationClause(usable)]
    }

    private mutating func operation(_ operation: AuthorizationPolicySpec.Operation) -> AuthorizationMatch {
        note("hosts", operation.hosts, operation.notHosts)
        note("methods", operation.methods, operation.notMethods)
        note("paths", operation.paths, operation.notPaths)
        var match = AuthorizationMatch()
        match.destinationPorts = ports(operation.ports, "ports")
        match.notDestinationPorts = ports(operation.notPorts, "notPorts")
        return match
    }

    private mutating func source(_ source: AuthorizationPolicySpec.Source) -> (
        match: AuthorizationMatch, domain: AuthorizationMatch?
    ) {
        note("requestPrincipals", source.requestPrincipals, source.notRequestPrincipals)
        note("remoteIpBlocks", source.remoteIpBlocks, source.notRemoteIpBlocks)
        var match = AuthorizationMatch()
        match.namespaces = source.namespaces.map(Self.text)
        match.notNamespaces = source.notNamespaces.map(Self.text)
        match.principals = source.principals.map(Self.text)
        match.notPrincipals = source.notPrincipals.map(Self.text)
        match.sourceIPs = ranges(source.ipBlocks, "ipBlocks")
        match.notSourceIPs = ranges(source.notIpBlocks, "notIpBlocks")
        match.serviceAccounts = accounts(source.serviceAccounts)
        match.notServiceAccounts = accounts(source.notServiceAccounts)
        let domains = trustDomains(source.trustDomains)
        match.notPrincipals += trustDomains(source.notTrustDomains)
        guard !domains.isEmpty else { return (match, nil) }
        if match.principals.isEmpty {
            match.principals = domains
            return (match, nil)
        }
        if rule.from.count > 1 {
            // Two conditions on the principal of one alternative among several do not fit one match.
            unusable.insert("trustDomains beside principals in one of several sources")
            return (match, nil)
        }
        return (match, .with { $0.principals = domains })
    }

    private mutating func condition(_ condition: AuthorizationPolicySpec.Condition) -> AuthorizationMatch {
        let key = condition.key
        var match = AuthorizationMatch()
        switch key {
        case "source.ip":
            match.sourceIPs = ranges(condition.values, key)
            match.notSourceIPs = ranges(condition.notValues, key)
        case "source.namespace":
            match.namespaces = condition.values.map(Self.text)
            match.notNamespaces = condition.notValues.map(Self.text)
        case "source.principal":
            match.principals = condition.values.map(Self.text)
            match.notPrincipals = condition.notValues.map(Self.text)
        case "source.serviceAccount":
            match.serviceAccounts = accounts(condition.values)
            match.notServiceAccounts = accounts(condition.notValues)
        case "source.trustDomain":
            match.principals = trustDomains(condition.values)
            match.notPrincipals = trustDomains(condition.notValues)
        case "destination.ip":
            match.destinationIPs = ranges(condition.values, key)
            match.notDestinationIPs = ranges(condition.notValues, key)
        case "destination.port":
            match.destinationPorts = ports(condition.values, key)
            match.notDestinationPorts = ports(condition.notValues, key)
        default:
            unusable.insert(key)
        }
        return match
    }

    /// `a`, `a*`, `*a` and `*` (I 2.17).
    private static func text(_ value: String) -> StringMatch {
        if value == "*" { return .presence }
        if value.hasPrefix("*") { return .suffix(String(value.dropFirst())) }
        if value.hasSuffix("*") { return .prefix(String(value.dropLast())) }
        return .exact(value)
    }

    /// A trust domain is the first segment of a principal.
    private mutating func trustDomains(_ values: [String]) -> [StringMatch] {
        values.compactMap { value in
            if value == "*" { return .presence }
            if value.hasPrefix("*") {
                unusable.insert("trustDomains that begin with *")
                return nil
            }
            return value.hasSuffix("*") ? .prefix(String(value.dropLast())) : .prefix(value + "/")
        }
    }

    private func accounts(_ values: [String]) -> [ServiceAccountMatch] {
        values.map { value in
            guard let slash = value.firstIndex(of: "/") else {
                return ServiceAccountMatch(namespace: namespace, serviceAccount: value)
            }
            return ServiceAccountMatch(
                namespace: String(value[..<slash]), serviceAccount: String(value[value.index(after: slash)...]))
        }
    }

    /// Address ranges. One that cannot be read makes an ALLOW rule unusable; a DENY rule loses the whole condition, since what
    /// is left of the list would match less.
    private mutating func ranges(_ values: [String], _ field: String) -> [CIDR] {
        let read = values.map { CIDR($0) }
        guard read.allSatisfy({ $0 != nil }) else {
            unusable.insert(field)
            return []
        }
        return read.compactMap(\.self)
    }

    private mutating func ports(_ values: [String], _ field: String) -> [UInt16] {
        let read = values.map { UInt16($0) }
        guard read.allSatisfy({ $0 != nil }) else {
            unusable.insert(field)
            return []
        }
        return read.compactMap(\.self)
    }

    private mutating func note(_ field: String, _ values: [String], _ notValues: [String]) {
        if !values.isEmpty { unusable.insert(field) }
        if !notValues.isEmpty { unusable.insert("not" + field.prefix(1).uppercased() + field.dropFirst()) }
    }
}
