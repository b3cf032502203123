import MeshModel
import MeshPolicy
import Testing

/// Z 4.3: which policies apply, in which order they are asked, and what is said.
@Suite struct EvaluationTests {
    static let web = SPIFFEIdentity(trustDomain: "cluster.local", namespace: "shop", serviceAccount: "web")

    static func facts(
        source: String = "10.0.0.9", destination: String = "10.0.0.1", port: UInt16 = 80,
        identity: SPIFFEIdentity? = web
    ) -> ConnectionFacts {
        let zero = IPAddress(ipv4: 0, 0, 0, 0)
        return ConnectionFacts(
            source: IPAddress(source) ?? zero, destination: IPAddress(destination) ?? zero, port: port,
            identity: identity)
    }

    static func policy(
        _ name: String, _ action: Authorization.Action, scope: Authorization.Scope = .namespace,
        namespace: String = "ns",
        dryRun: Bool = false, matching: Bool
    ) -> Authorization {
        var match = AuthorizationMatch()
        match.destinationPorts = [matching ? 80 : 1]
        return Authorization(
            name: name, namespace: namespace, scope: scope, action: action, isDryRun: dryRun,
            rules: [AuthorizationRule([AuthorizationClause([match])])])
    }

    static func decide(
        _ policies: [Authorization], named: [String] = [], facts: ConnectionFacts = facts()
    ) -> AuthorizationDecision {
        var builder = SnapshotBuilder()
        let workload = Workload(
            uid: "w", name: "w", namespace: "ns", authorizationPolicies: named.compactMap { PolicyName($0) })
        return evaluate(
            snapshot: builder.apply(updates: policies.map { .policy($0) }), destination: workload, connection: facts)
    }

    @Test func withoutPoliciesEverythingPasses() {
        #expect(Self.decide([]) == .allow)
    }

    @Test func denyWins() {
        let decision = Self.decide([Self.policy("a", .allow, matching: true), Self.policy("d", .deny, matching: true)])
        #expect(decision == .deny(.explicit(PolicyName(namespace: "ns", name: "d"))))
        guard case .deny(let denial) = decision else { return }
        #expect(denial.description == "explicitly denied by: ns/d")
    }

    @Test func anyAllowIsEnough() {
        #expect(
            Self.decide([Self.policy("a", .allow, matching: false), Self.policy("b", .allow, matching: true)]) == .allow
        )
    }

    @Test func allowPoliciesCloseTheRest() {
        #expect(Self.decide([Self.policy("a", .allow, matching: false)]) == .deny(.notAllowed))
        #expect(AuthorizationDenial.notAllowed.description == "allow policies exist, but none allowed")
    }

    @Test func denyThatDoesNotMatchIsNoAllowPolicy() {
        #expect(Self.decide([Self.policy("d", .deny, matching: false)]) == .allow)
    }

    @Test func scopes() {
        #expect(Self.decide([Self.policy("g", .deny, scope: .global, namespace: "root", matching: true)]) != .allow)
        #expect(Self.decide([Self.policy("n", .deny, namespace: "other", matching: true)]) == .allow)
        let selected = Self.policy("s", .deny, scope: .workloadSelector, matching: true)
        #expect(Self.decide([selected]) == .allow, "only workloads that name it")
        #expect(Self.decide([selected], named: ["ns/s"]) != .allow)
        let elsewhere = Self.policy("s", .deny, scope: .workloadSelector, namespace: "root", matching: true)
        #expect(Self.decide([elsewhere], named: ["root/s"]) != .allow)
    }

    @Test func aNamedPolicyThatHasNotArrivedDenies() {
        let name = PolicyName(namespace: "ns", name: "late")
        #expect(Self.decide([], named: ["ns/late"]) == .deny(.unknownPolicy(name)))
        #expect(
            Self.decide([Self.policy("a", .allow, matching: true)], named: ["ns/late"]) == .deny(.unknownPolicy(name)))
        #expect(
            Self.decide([Self.policy("d", .deny, matching: true)], named: ["ns/late"])
                == .deny(.explicit(PolicyName(namespace: "ns", name: "d"))), "what is known is said first")
        #expect(AuthorizationDenial.unknownPolicy(name).description == "policy ns/late is not known here yet")
    }

    @Test func dryRunDecidesNothing() {
        #expect(Self.decide([Self.policy("d", .deny, dryRun: true, matching: true)]) == .allow)
        #expect(Self.decide([Self.policy("a", .allow, dryRun: true, matching: false)]) == .allow)
        #expect(
            Self.decide([
                Self.policy("a", .allow, dryRun: true, matching: true), Self.policy("b", .allow, matching: false),
            ])
                == .deny(.notAllowed))
    }

    @Test func dryRunIsReported() {
        func findings(_ policies: [Authorization]) -> [String] {
            var builder = SnapshotBuilder()
            return dryRunFindings(
                snapshot: builder.apply(updates: policies.map { .policy($0) }),
                destination: Workload(uid: "w", name: "w", namespace: "ns"), connection: Self.facts()
            ).map(\.description)
        }
        #expect(findings([Self.policy("d", .deny, matching: true)]).isEmpty)
        #expect(
            findings([Self.policy("d", .deny, dryRun: true, matching: true)]) == ["dry-run: deny policy match: ns/d"])
        #expect(
            findings([Self.policy("a", .allow, dryRun: true, matching: true)]) == ["dry-run: allow policy match: ns/a"])
        #expect(
            findings([Self.policy("a", .allow, dryRun: true, matching: false)]) == ["dry-run: no allow policies match"])
        #expect(
            findings([
                Self.policy("a", .allow, dryRun: true, matching: false), Self.policy("b", .allow, matching: false),
            ])
            .isEmpty, "an enforced allow policy decides already")
    }

    // MARK: nesting

    static func match(port: UInt16) -> AuthorizationMatch {
        var match = AuthorizationMatch()
        match.destinationPorts = [port]
        return match
    }

    /// Whether a deny policy of these rules, clauses and matches (by port; nil is a match without conditions) applies to
    /// a connection to port 80.
    @Test(arguments: [
        ([[[UInt16?]]](), false),  // no rules
        ([[]], true),  // a rule without clauses
        ([[[]]], true),  // a clause without matches
        ([[[nil]]], false),  // a match without conditions
        ([[[80]]], true), ([[[81]]], false),
        ([[[81, 80]]], true),  // any match
        ([[[nil, 80]]], true), ([[[nil, 81]]], false),
        ([[[80], [80]]], true), ([[[80], [81]]], false),  // all clauses
        ([[[80], []]], true), ([[[81], []]], false), ([[[80], [nil]]], false),
        ([[[81]], [[80]]], true),  // any rule
        ([[[81]], [[82]]], false), ([[[81]], []], true),
    ])
    func nesting(_ rules: [[[UInt16?]]], _ expected: Bool) {
        let policy = Authorization(
            name: "d", namespace: "ns", scope: .namespace, action: .deny,
            rules: rules.map { clauses in
                AuthorizationRule(
                    clauses.map { matches in
                        AuthorizationClause(matches.map { $0.map(Self.match(port:)) ?? AuthorizationMatch() })
                    })
            })
        #expect((Self.decide([policy]) != .allow) == expected)
    }

    @Test func anAllowPolicyWithoutRulesDeniesAll() {
        let policy = Authorization(name: "a", namespace: "ns", scope: .namespace, action: .allow, rules: [])
        #expect(Self.decide([policy]) == .deny(.notAllowed))
    }
}
