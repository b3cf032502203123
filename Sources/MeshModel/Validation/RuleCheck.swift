/// The rules of one rule of an AuthorizationPolicy.
struct RuleCheck {
    let rule: AuthorizationPolicySpec.Rule
    let isDeny: Bool
    let path: FieldPath
    let findings: Findings

    /// The attributes of `when` that ztunnel sees.
    static let connectionKeys = [
        "source.ip", "source.namespace", "source.principal", "source.serviceAccount", "source.trustDomain",
        "destination.ip", "destination.port",
    ]
    /// Those that only a request has.
    static let requestKeys = [
        "remote.ip", "request.auth.principal", "request.auth.audiences", "request.auth.presenter", "connection.sni",
    ]
    static let requestKeyPrefixes = ["request.headers[", "request.auth.claims[", "experimental.envoy.filters."]

    func run() {
        for (index, source) in rule.from.enumerated() {
            check(source, at: path.appending(key: "from").appending(index: index).appending(key: "source"))
        }
        for (index, operation) in rule.to.enumerated() {
            check(operation, at: path.appending(key: "to").appending(index: index).appending(key: "operation"))
        }
        for (index, condition) in rule.when.enumerated() {
            check(condition, at: path.appending(key: "when").appending(index: index))
        }
    }

    private func check(_ source: AuthorizationPolicySpec.Source, at place: FieldPath) {
        let fields: [(String, [String])] = [
            ("principals", source.principals), ("notPrincipals", source.notPrincipals),
            ("requestPrincipals", source.requestPrincipals), ("notRequestPrincipals", source.notRequestPrincipals),
            ("namespaces", source.namespaces), ("notNamespaces", source.notNamespaces),
            ("serviceAccounts", source.serviceAccounts), ("notServiceAccounts", source.notServiceAccounts),
            ("ipBlocks", source.ipBlocks), ("notIpBlocks", source.notIpBlocks),
            ("remoteIpBlocks", source.remoteIpBlocks), ("notRemoteIpBlocks", source.notRemoteIpBlocks),
            ("trustDomains", source.trustDomains), ("notTrustDomains", source.notTrustDomains),
        ]
        checkFields(fields, at: place)
        for (key, values) in fields where key.hasSuffix("pBlocks") {
            checkBlocks(values, at: place.appending(key: key))
        }
        for (key, values) in fields
        where ["requestPrincipals", "notRequestPrincipals", "remoteIpBlocks", "notRemoteIpBlocks"].contains(key) {
            if !values.isEmpty { warnRequestOnly(place.appending(key: key)) }
        }
        for (key, values) in [fields[0], fields[1]] { checkPrincipals(values, at: place.appending(key: key)) }
        for (key, values) in [fields[6], fields[7]] { checkServiceAccounts(values, at: place.appending(key: key)) }
        let accounts = !source.serviceAccounts.isEmpty || !source.notServiceAccounts.isEmpty
        let others = [source.principals, source.notPrincipals, source.namespaces, source.notNamespaces]
        if accounts, others.contains(where: { !$0.isEmpty }) {
            findings.add(
                FieldProblem(
                    path: place.appending(key: "serviceAccounts"),
                    problem: "is written next to principals or namespaces", remedy: "use one of the three",
                    reason: .forbidden))
        }
    }

    private func check(_ operation: AuthorizationPolicySpec.Operation, at place: FieldPath) {
        let fields: [(String, [String])] = [
            ("hosts", operation.hosts), ("notHosts", operation.notHosts), ("ports", operation.ports),
            ("notPorts", operation.notPorts), ("methods", operation.methods), ("notMethods", operation.notMethods),
            ("paths", operation.paths), ("notPaths", operation.notPaths),
        ]
        checkFields(fields, at: place)
        for (key, values) in fields {
            if key.hasSuffix("orts") {
                for (index, port) in values.enumerated() where UInt16(port).map({ $0 > 0 }) != true {
                    findings.add(
                        FieldProblem(
                            path: place.appending(key: key).appending(index: index), value: port, problem: "is no port",
                            remedy: "use a number from 1 to 65535 in quotes"))
                }
            } else if !values.isEmpty {
                warnRequestOnly(place.appending(key: key))
            }
            if key.hasSuffix("aths") { checkPaths(values, at: place.appending(key: key)) }
        }
    }

    private func check(_ condition: AuthorizationPolicySpec.Condition, at place: FieldPath) {
        let key = condition.key
        guard !key.isEmpty else { return }
        if condition.values.isEmpty, condition.notValues.isEmpty {
            findings.add(
                FieldProblem(
                    path: place.appending(key: "values"), problem: "is required", remedy: "give values or notValues",
                    reason: .required))
        }
        let isRequest = Self.requestKeys.contains(key) || Self.requestKeyPrefixes.contains(where: key.hasPrefix)
        if isRequest {
            if key.contains("["), !key.hasSuffix("]") || key.contains("[]") {
                findings.add(
                    FieldProblem(
                        path: place.appending(key: "key"), value: key, problem: "has no complete name in brackets",
                        remedy: "write it as request.headers[x-user]"))
            } else {
                warnRequestOnly(place.appending(key: "key"))
            }
            return
        }
        guard Self.connectionKeys.contains(key) else {
            let all = Self.connectionKeys + Self.requestKeys
            let guess = Spelling.nearest(to: key, among: all).map { "did you mean \($0)? " } ?? ""
            findings.add(
                FieldProblem(
                    path: place.appending(key: "key"), value: key, problem: "is no known attribute",
                    remedy: guess + "use one of " + Self.connectionKeys.joined(separator: ", "), reason: .notSupported))
            return
        }
        for (field, values) in [("values", condition.values), ("notValues", condition.notValues)] {
            let here = place.appending(key: field)
            switch key {
            case "source.ip", "destination.ip": checkBlocks(values, at: here)
            case "destination.port":
                for (index, port) in values.enumerated() where UInt16(port).map({ $0 > 0 }) != true {
                    findings.add(
                        FieldProblem(
                            path: here.appending(index: index), value: port, problem: "is no port",
                            remedy: "use a number from 1 to 65535 in quotes"))
                }
            case "source.principal": checkPrincipals(values, at: here)
            case "source.serviceAccount": checkServiceAccounts(values, at: here)
            default: break
            }
            checkEmpty(values, at: here)
        }
    }

    /// At least one field, and no empty text in any.
    private func checkFields(_ fields: [(String, [String])], at place: FieldPath) {
        if fields.allSatisfy({ $0.1.isEmpty }) {
            findings.add(
                FieldProblem(
                    path: place, problem: "has no field",
                    remedy: "write a field, or remove the entry to match everything",
                    reason: .required))
        }
        for (key, values) in fields { checkEmpty(values, at: place.appending(key: key)) }
    }

    private func checkEmpty(_ values: [String], at place: FieldPath) {
        for (index, value) in values.enumerated() where value.isEmpty {
            findings.add(
                FieldProblem(
                    path: place.appending(index: index), problem: "is empty",
                    remedy: "write a value, or remove the entry"))
        }
    }

    private func checkBlocks(_ values: [String], at place: FieldPath) {
        for (index, block) in values.enumerated() where !block.isEmpty && CIDR(block) == nil {
            findings.add(
                FieldProblem(
                    path: place.appending(index: index), value: block,
                    problem: "is neither an IP address nor a CIDR range", remedy: "write it as 10.0.0.1 or 10.0.0.0/8"))
        }
    }

    private func checkPrincipals(_ values: [String], at place: FieldPath) {
        for (index, principal) in values.enumerated() where principal.hasPrefix("spiffe://") {
            findings.add(
                FieldProblem(
                    path: place.appending(index: index), value: principal,
                    problem: "never matches: principals have no scheme",
                    remedy: "write \(principal.dropFirst("spiffe://".count))"))
        }
    }

    private func checkServiceAccounts(_ values: [String], at place: FieldPath) {
        if values.count > AuthorizationPolicyRules.mostServiceAccounts {
            findings.add(
                FieldProblem(
                    path: place, value: "\(values.count)", problem: "service accounts are too many",
                    remedy: "write at most \(AuthorizationPolicyRules.mostServiceAccounts) in one source"))
        }
        for (index, account) in values.enumerated() where !account.isEmpty {
            let parts = account.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            let isName = parts.count <= 2 && parts.allSatisfy { NameRules.subdomain($0) == nil }
            if !isName {
                findings.add(
                    FieldProblem(
                        path: place.appending(index: index), value: account, problem: "is no service account",
                        remedy: account.contains("*")
                            ? "wildcards are not possible here; name each account"
                            : "write NAME or NAMESPACE/NAME"))
            }
        }
    }

    /// Templates: `{*}` is one segment, `{**}` any number of them at the end, and no other `*` next to them.
    private func checkPaths(_ values: [String], at place: FieldPath) {
        for (index, path) in values.enumerated() where path.contains("{") || path.contains("}") {
            let segments = path.split(separator: "/", omittingEmptySubsequences: true)
            var problem: String?
            for (position, segment) in segments.enumerated()
            where segment.contains("{") || segment.contains("}") || segment.contains("*") {
                if segment == "{*}" { continue }
                if segment == "{**}" {
                    if segments[(position + 1)...].contains(where: { $0.contains("{") }) {
                        problem = "has {**} before another operator"
                    }
                    continue
                }
                problem = "has the segment \(segment), which is no operator"
            }
            if let problem {
                findings.add(
                    FieldProblem(
                        path: place.appending(index: index), value: path, problem: problem,
                        remedy: "use {*} for one whole segment and {**} once, as the last operator"))
            }
        }
    }

    private func warnRequestOnly(_ place: FieldPath) {
        findings.warn(
            place,
            isDeny
                ? "ztunnel sees connections, not requests: this part is left out, so the rule refuses more than written"
                : "ztunnel sees connections, not requests: this whole rule is left out and allows nothing")
    }
}
