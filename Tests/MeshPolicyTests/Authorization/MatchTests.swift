import MeshModel
import MeshPolicy
import Testing

/// Z 4.3: the conditions of a match, one by one and together.
@Suite struct MatchTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let what: String
        let match: AuthorizationMatch
        let facts: ConnectionFacts
        let expected: Bool

        init(
            _ what: String, _ expected: Bool, _ facts: ConnectionFacts = EvaluationTests.facts(),
            _ build: (inout AuthorizationMatch) -> Void
        ) {
            var match = AuthorizationMatch()
            build(&match)
            self.what = what
            self.match = match
            self.facts = facts
            self.expected = expected
        }

        var testDescription: String { what }
    }

    static let plaintext = EvaluationTests.facts(identity: nil)

    static func ranges(_ texts: String...) -> [CIDR] { texts.compactMap { CIDR($0) } }

    static let cases: [Case] = [
        // ports
        Case("port", true) { $0.destinationPorts = [80] },
        Case("other port", false) { $0.destinationPorts = [81] },
        Case("one of the ports", true) { $0.destinationPorts = [81, 80] },
        Case("not port", false) { $0.notDestinationPorts = [80] },
        Case("not other port", true) { $0.notDestinationPorts = [81] },
        Case("port and not port", false) {
            $0.destinationPorts = [80]; $0.notDestinationPorts = [80]
        },
        // addresses
        Case("source", true) { $0.sourceIPs = ranges("10.0.0.0/24") },
        Case("other source", false) { $0.sourceIPs = ranges("10.1.0.0/24", "2001:db8::/32") },
        Case("any source of the family", true) { $0.sourceIPs = ranges("0.0.0.0/0") },
        Case("any source of the other family", false) { $0.sourceIPs = ranges("::/0") },
        Case("not source", false) { $0.notSourceIPs = ranges("10.0.0.9") },
        Case("not other source", true) { $0.notSourceIPs = ranges("10.0.0.8/32") },
        Case("mapped source", true, EvaluationTests.facts(source: "::ffff:10.0.0.9")) {
            $0.sourceIPs = ranges("10.0.0.0/8")
        },
        Case("IPv6 source", true, EvaluationTests.facts(source: "2001:db8::7")) {
            $0.sourceIPs = ranges("2001:db8::/64")
        },
        Case("destination", true) { $0.destinationIPs = ranges("10.0.0.1") },
        Case("other destination", false) { $0.destinationIPs = ranges("10.0.0.2") },
        Case("not destination", false) { $0.notDestinationIPs = ranges("10.0.0.0/8") },
        // namespaces
        Case("namespace", true) { $0.namespaces = [.exact("shop")] },
        Case("other namespace", false) { $0.namespaces = [.exact("sho"), .prefix("x")] },
        Case("namespace of plaintext", false, plaintext) { $0.namespaces = [.exact("shop")] },
        Case("empty namespace of plaintext", true, plaintext) { $0.namespaces = [.exact("")] },
        Case("any namespace", true) { $0.namespaces = [.presence] },
        Case("any namespace of plaintext", false, plaintext) { $0.namespaces = [.presence] },
        Case("not namespace", false) { $0.notNamespaces = [.prefix("sh")] },
        Case("not namespace of plaintext", true, plaintext) { $0.notNamespaces = [.exact("shop")] },
        // principals
        Case("principal", true) { $0.principals = [.exact("cluster.local/ns/shop/sa/web")] },
        Case("principal prefix", true) { $0.principals = [.prefix("cluster.local/ns/shop/")] },
        Case("principal suffix", true) { $0.principals = [.suffix("/sa/web")] },
        Case("other principal", false) { $0.principals = [.exact("cluster.local/ns/shop/sa/we")] },
        Case("principal with scheme never matches", false) {
            $0.principals = [.exact("spiffe://cluster.local/ns/shop/sa/web")]
        },
        Case("any principal", true) { $0.principals = [.presence] },
        Case("any principal of plaintext", false, plaintext) { $0.principals = [.presence] },
        Case("empty principal of plaintext", false, plaintext) { $0.principals = [.exact("")] },
        Case("not principal", false) { $0.notPrincipals = [.exact("cluster.local/ns/shop/sa/web")] },
        Case("not principal of plaintext", true, plaintext) {
            $0.notPrincipals = [.exact("cluster.local/ns/shop/sa/web")]
        },
        Case("STRICT: identity", false) { $0.notPrincipals = [.presence] },
        Case("STRICT: plaintext", true, plaintext) { $0.notPrincipals = [.presence] },
        Case("STRICT except a port: plaintext elsewhere", true, plaintext) {
            $0.notPrincipals = [.presence]; $0.notDestinationPorts = [9090]
        },
        Case("STRICT except a port: plaintext there", false, EvaluationTests.facts(port: 9090, identity: nil)) {
            $0.notPrincipals = [.presence]
            $0.notDestinationPorts = [9090]
        },
        // service accounts
        Case("service account", true) {
            $0.serviceAccounts = [ServiceAccountMatch(namespace: "shop", serviceAccount: "web")]
        },
        Case(
            "its trust domain does not matter", true,
            EvaluationTests.facts(
                identity: SPIFFEIdentity(trustDomain: "other", namespace: "shop", serviceAccount: "web"))
        ) {
            $0.serviceAccounts = [ServiceAccountMatch(namespace: "shop", serviceAccount: "web")]
        },
        Case("service account of another namespace", false) {
            $0.serviceAccounts = [ServiceAccountMatch(namespace: "s", serviceAccount: "web")]
        },
        Case("service account of plaintext", false, plaintext) {
            $0.serviceAccounts = [ServiceAccountMatch(namespace: "", serviceAccount: "")]
        },
        Case("not service account", false) {
            $0.notServiceAccounts = [ServiceAccountMatch(namespace: "shop", serviceAccount: "web")]
        },
        Case("not service account of plaintext", true, plaintext) {
            $0.notServiceAccounts = [ServiceAccountMatch(namespace: "shop", serviceAccount: "web")]
        },
        // together
        Case("all kinds hold", true) {
            $0.destinationPorts = [80]
            $0.sourceIPs = ranges("10.0.0.0/8")
            $0.namespaces = [.exact("shop")]
            $0.principals = [.presence]
        },
        Case("one kind does not", false) {
            $0.destinationPorts = [80]
            $0.sourceIPs = ranges("11.0.0.0/8")
            $0.namespaces = [.exact("shop")]
        },
        Case("no condition", false) { _ in },
    ]

    static func policy(_ action: Authorization.Action, _ match: AuthorizationMatch) -> Authorization {
        Authorization(
            name: "p", namespace: "ns", scope: .namespace, action: action,
            rules: [AuthorizationRule([AuthorizationClause([match])])])
    }

    @Test(arguments: cases) func condition(_ test: Case) {
        #expect(
            (EvaluationTests.decide([Self.policy(.deny, test.match)], facts: test.facts) != .allow) == test.expected,
            "deny")
        #expect(
            (EvaluationTests.decide([Self.policy(.allow, test.match)], facts: test.facts) == .allow) == test.expected,
            "allow")
    }

    /// An element that cannot be understood never widens: the match allows nothing, and denies as if it were met.
    @Test(arguments: [
        AuthorizationFields.namespaces, .principals, .sourceIPs, .destinationIPs, .destinationPorts, .serviceAccounts,
        .extensions,
    ])
    func unusable(_ field: AuthorizationFields) {
        var alone = AuthorizationMatch()
        alone.unusable = field
        var withPort = alone
        withPort.destinationPorts = field == .destinationPorts ? [] : [80]
        withPort.namespaces = field == .destinationPorts ? [.exact("shop")] : []
        var withOtherPort = alone
        withOtherPort.destinationPorts = field == .destinationPorts ? [] : [81]
        withOtherPort.namespaces = field == .destinationPorts ? [.exact("x")] : []
        for match in [alone, withPort, withOtherPort] {
            #expect(EvaluationTests.decide([Self.policy(.allow, match)]) == .deny(.notAllowed))
        }
        #expect(EvaluationTests.decide([Self.policy(.deny, alone)]) != .allow)
        #expect(EvaluationTests.decide([Self.policy(.deny, withPort)]) != .allow)
        #expect(
            EvaluationTests.decide([Self.policy(.deny, withOtherPort)]) == .allow, "the other kinds are still asked")
    }

    @Test func anUnusableElementBesideUsableOnes() {
        var match = AuthorizationMatch()
        match.notSourceIPs = Self.ranges("10.0.0.9")
        match.unusable = .sourceIPs
        #expect(EvaluationTests.decide([Self.policy(.deny, match)]) != .allow)
        #expect(EvaluationTests.decide([Self.policy(.allow, match)]) != .allow)
    }
}
