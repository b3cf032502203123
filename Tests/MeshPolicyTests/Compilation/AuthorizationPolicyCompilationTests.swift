import MeshModel
import MeshPolicy
import Testing

@Suite("Compilation of AuthorizationPolicy")
struct AuthorizationPolicyCompilationTests {
    static let web = "cluster.local/ns/shop/sa/client"

    static func policy(
        _ spec: String, name: String = "p", in namespace: String = "shop", annotations: [String: String] = [:]
    ) throws -> Resource {
        try Given.resource(.authorizationPolicy, name, in: namespace, annotations: annotations, spec: spec)
    }

    static func allows(
        _ spec: String, from client: String? = web, source: String = "10.0.0.9", port: UInt16 = 8080
    ) throws -> Bool {
        try Given.allows([try policy(spec), try Given.entry()], from: client, source: source, port: port)
    }

    @Test("allow-nothing: an empty spec denies everything; rules: [{}] allows everything")
    func nothingAndEverything() throws {
        #expect(try !Self.allows("{}"))
        #expect(try !Self.allows(#"{"rules":[]}"#))
        #expect(try Self.allows(#"{"rules":[{}]}"#))
        #expect(try Self.allows(#"{"rules":[{}]}"#, from: nil))
        #expect(try !Self.allows(#"{"action":"DENY","rules":[{}]}"#))
    }

    @Test(
        "scope: no selector is the namespace, the root namespace is the mesh, a selector is what it selects",
        arguments: [
            ("shop", "{}", false), ("prod", "{}", true), ("istio-system", "{}", false),
            ("shop", #"{"selector":{"matchLabels":{"app":"web"}}}"#, false),
            ("shop", #"{"selector":{"matchLabels":{"app":"db"}}}"#, true),
            ("prod", #"{"selector":{"matchLabels":{"app":"web"}}}"#, true),
            ("istio-system", #"{"selector":{"matchLabels":{"app":"web"}}}"#, false),
            ("istio-system", #"{"selector":{"matchLabels":{"app":"db"}}}"#, true),
            ("shop", #"{"selector":{"matchLabels":{}}}"#, false),
        ])
    func scope(namespace: String, spec: String, isAllowed: Bool) throws {
        #expect(
            try Given.allows([try Self.policy(spec, in: namespace), try Given.entry()], from: Self.web) == isAllowed)
    }

    @Test(
        "sources: principals with exact, prefix, suffix and presence, namespaces, service accounts, addresses, trust domains",
        arguments: [
            (#""principals":["cluster.local/ns/shop/sa/client"]"#, true),
            (#""principals":["cluster.local/ns/shop/*"]"#, true),
            (#""principals":["*/sa/client"]"#, true), (#""principals":["*"]"#, true),
            (#""principals":["cluster.local/ns/shop/sa/other"]"#, false), (#""principals":["other.td/*"]"#, false),
            (#""principals":["*/sa/other"]"#, false),
            (#""principals":["spiffe://cluster.local/ns/shop/sa/client"]"#, false),
            (#""notPrincipals":["cluster.local/ns/shop/sa/client"]"#, false),
            (#""notPrincipals":["*/sa/other"]"#, true),
            (#""namespaces":["shop"]"#, true), (#""namespaces":["sh*"]"#, true), (#""namespaces":["prod"]"#, false),
            (#""notNamespaces":["prod"]"#, true), (#""notNamespaces":["shop"]"#, false),
            (#""serviceAccounts":["client"]"#, true), (#""serviceAccounts":["shop/client"]"#, true),
            (#""serviceAccounts":["prod/client"]"#, false), (#""serviceAccounts":["other"]"#, false),
            (#""notServiceAccounts":["client"]"#, false), (#""notServiceAccounts":["prod/client"]"#, true),
            (#""ipBlocks":["10.0.0.0/24"]"#, true), (#""ipBlocks":["10.0.0.9"]"#, true),
            (#""ipBlocks":["10.1.0.0/16"]"#, false),
            (#""ipBlocks":["fd00::/8"]"#, false), (#""notIpBlocks":["10.0.0.0/24"]"#, false),
            (#""notIpBlocks":["10.1.0.0/16"]"#, true), (#""trustDomains":["cluster.local"]"#, true),
            (#""trustDomains":["cluster"]"#, false), (#""trustDomains":["cluster.*"]"#, true),
            (#""trustDomains":["other"]"#, false), (#""notTrustDomains":["cluster.local"]"#, false),
            (#""notTrustDomains":["other"]"#, true),
            (#""trustDomains":["cluster.local"],"principals":["*/sa/client"]"#, true),
            (#""trustDomains":["other"],"principals":["*/sa/client"]"#, false),
            (#""namespaces":["shop"],"ipBlocks":["10.1.0.0/16"]"#, false),
            (#""namespaces":["shop"],"ipBlocks":["10.0.0.0/8"]"#, true),
        ])
    func sources(source: String, matches: Bool) throws {
        let rule = #""rules":[{"from":[{"source":{\#(source)}}]}]"#
        #expect(try Self.allows("{\(rule)}") == matches)
        #expect(try Self.allows(#"{"action":"DENY",\#(rule)}"#) == !matches)
    }

    @Test("an unauthenticated client has no principal, namespace or service account")
    func plaintext() throws {
        for source in [
            #""principals":["*"]"#, #""namespaces":["*"]"#, #""serviceAccounts":["client"]"#, #""trustDomains":["*"]"#,
        ] {
            #expect(try !Self.allows(#"{"rules":[{"from":[{"source":{\#(source)}}]}]}"#, from: nil))
        }
        #expect(
            try !Self.allows(#"{"action":"DENY","rules":[{"from":[{"source":{"notPrincipals":["*"]}}]}]}"#, from: nil))
        #expect(try Self.allows(#"{"action":"DENY","rules":[{"from":[{"source":{"notPrincipals":["*"]}}]}]}"#))
    }

    @Test("from OR from, to OR to, from AND to AND when")
    func combination() throws {
        let two =
            #"{"rules":[{"from":[{"source":{"namespaces":["prod"]}},{"source":{"namespaces":["shop"]}}],"to":[{"operation":{"ports":["80"]}},{"operation":{"ports":["8080"]}}]}]}"#
        #expect(try Self.allows(two))
        #expect(try !Self.allows(two, port: 9090))
        #expect(try !Self.allows(two, from: "cluster.local/ns/other/sa/client"))
        let when =
            #"{"rules":[{"to":[{"operation":{"ports":["8080"]}}],"when":[{"key":"source.namespace","values":["shop"]}]}]}"#
        #expect(try Self.allows(when))
        #expect(try !Self.allows(when, port: 80))
        #expect(try !Self.allows(when, from: "cluster.local/ns/other/sa/client"))
        let rules =
            #"{"rules":[{"to":[{"operation":{"ports":["80"]}}]},{"to":[{"operation":{"notPorts":["80","8080"]}}]}]}"#
        #expect(try Self.allows(rules, port: 80))
        #expect(try !Self.allows(rules, port: 8080))
        #expect(try Self.allows(rules, port: 9090))
    }

    @Test(
        "when: the keys that L4 knows",
        arguments: [
            ("source.ip", "10.0.0.0/8", true), ("source.ip", "10.9.0.0/16", false), ("source.namespace", "shop", true),
            ("source.namespace", "prod", false), ("source.principal", "*/sa/client", true),
            ("source.principal", "*/sa/x", false),
            ("source.serviceAccount", "client", true), ("source.serviceAccount", "prod/client", false),
            ("source.trustDomain", "cluster.local", true), ("source.trustDomain", "other", false),
            ("destination.ip", "10.0.0.1", true), ("destination.ip", "10.0.0.2", false),
            ("destination.port", "8080", true),
            ("destination.port", "80", false),
        ])
    func conditions(key: String, value: String, matches: Bool) throws {
        for (field, expected) in [("values", matches), ("notValues", !matches)] {
            let spec = #""rules":[{"when":[{"key":"\#(key)","\#(field)":["\#(value)"]}]}]"#
            #expect(try Self.allows("{\(spec)}") == expected)
            #expect(try Self.allows(#"{"action":"DENY",\#(spec)}"#) == !expected)
        }
    }

    @Test(
        "L7 parts: an ALLOW rule with one allows nothing, a DENY rule goes on without it, and both are told",
        arguments: [
            (#""to":[{"operation":{"methods":["GET"]}}]"#, "methods"),
            (#""to":[{"operation":{"notMethods":["GET"]}}]"#, "notMethods"),
            (#""to":[{"operation":{"paths":["/x"]}}]"#, "paths"),
            (#""to":[{"operation":{"notPaths":["/x"]}}]"#, "notPaths"),
            (#""to":[{"operation":{"hosts":["h"]}}]"#, "hosts"),
            (#""to":[{"operation":{"notHosts":["h"]}}]"#, "notHosts"),
            (#""from":[{"source":{"requestPrincipals":["*"]}}]"#, "requestPrincipals"),
            (#""from":[{"source":{"notRequestPrincipals":["*"]}}]"#, "notRequestPrincipals"),
            (#""from":[{"source":{"remoteIpBlocks":["10.0.0.0/8"]}}]"#, "remoteIpBlocks"),
            (#""from":[{"source":{"notRemoteIpBlocks":["10.0.0.0/8"]}}]"#, "notRemoteIpBlocks"),
            (#""when":[{"key":"request.headers[x]","values":["1"]}]"#, "request.headers[x]"),
            (#""when":[{"key":"request.auth.claims[a]","values":["1"]}]"#, "request.auth.claims[a]"),
            (#""when":[{"key":"connection.sni","values":["a"]}]"#, "connection.sni"),
        ])
    func layer7(part: String, name: String) throws {
        #expect(try !Self.allows(#"{"rules":[{\#(part)}]}"#))
        #expect(try !Self.allows(#"{"action":"DENY","rules":[{\#(part)}]}"#))
        let mesh = compile([try Self.policy(#"{"action":"DENY","rules":[{\#(part)}]}"#)])
        #expect(mesh.warnings.map(\.code) == [.enforcedNarrower])
        #expect(mesh.warnings.first?.message.contains(name) == true)
    }

    @Test("a DENY rule keeps its L4 parts beside L7 ones, in the same and in other clauses")
    func layer7Mixed() throws {
        let same = #"{"action":"DENY","rules":[{"to":[{"operation":{"ports":["80"],"methods":["GET"]}}]}]}"#
        #expect(try !Self.allows(same, port: 80))
        #expect(try Self.allows(same, port: 81))
        let other =
            #"{"action":"DENY","rules":[{"from":[{"source":{"namespaces":["prod"]}}],"to":[{"operation":{"paths":["/x"]}}]}]}"#
        #expect(try Self.allows(other))
        #expect(try !Self.allows(other, from: "cluster.local/ns/prod/sa/x"))
        let alternative =
            #"{"action":"DENY","rules":[{"to":[{"operation":{"ports":["80"]}},{"operation":{"methods":["GET"]}}]}]}"#
        #expect(try !Self.allows(alternative, port: 81), "one alternative without L4 parts is every connection")
        let rules =
            #"{"rules":[{"to":[{"operation":{"methods":["GET"]}}]},{"from":[{"source":{"namespaces":["shop"]}}]}]}"#
        #expect(try Self.allows(rules), "other rules of an ALLOW policy still allow")
    }

    @Test("values that cannot be read never widen: an ALLOW rule is dropped, a DENY rule loses the condition")
    func unreadable() throws {
        for part in [
            #""from":[{"source":{"ipBlocks":["10.0.0.0/99"]}}]"#, #""from":[{"source":{"notIpBlocks":["nonsense"]}}]"#,
            #""to":[{"operation":{"ports":["99999"]}}]"#, #""to":[{"operation":{"notPorts":["http"]}}]"#,
            #""when":[{"key":"destination.port","values":["x"]}]"#,
            #""from":[{"source":{"trustDomains":["*.local"]}}]"#,
        ] {
            #expect(try !Self.allows(#"{"rules":[{\#(part)}]}"#))
            #expect(try !Self.allows(#"{"action":"DENY","rules":[{\#(part)}]}"#))
        }
        #expect(
            try !Self.allows(#"{"rules":[{"from":[{"source":{"ipBlocks":["10.0.0.0/8","nonsense"]}}]}]}"#),
            "also beside readable ones")
    }

    @Test("an empty source never allows everyone")
    func emptySource() throws {
        #expect(try !Self.allows(#"{"rules":[{"from":[{"source":{}}]}]}"#))
        #expect(try Self.allows(#"{"rules":[{"from":[{"source":{}},{"source":{"namespaces":["shop"]}}]}]}"#))
        #expect(try !Self.allows(#"{"action":"DENY","rules":[{"from":[{"source":{}}]}]}"#))
    }

    @Test("DENY goes before ALLOW; dry run never decides")
    func precedence() throws {
        let deny = try Self.policy(
            #"{"action":"DENY","rules":[{"to":[{"operation":{"ports":["8080"]}}]}]}"#, name: "deny")
        let allow = try Self.policy(#"{"rules":[{}]}"#, name: "allow")
        #expect(try !Given.allows([deny, allow, try Given.entry()], from: Self.web))
        #expect(try Given.allows([deny, allow, try Given.entry()], from: Self.web, port: 80))
        let dry = try Self.policy(
            #"{"action":"DENY","rules":[{}]}"#, name: "dry", annotations: ["istio.io/dry-run": "true"])
        #expect(try Given.allows([dry, try Given.entry()], from: Self.web))
        #expect(compile([dry]).policies.first?.isDryRun == true)
    }

    @Test("actions and targets that ztunnel does not enforce are told; CUSTOM denies what it cannot ask about")
    func actions() throws {
        let audit = compile([try Self.policy(#"{"action":"AUDIT","rules":[{}]}"#)])
        #expect(audit.policies == [])
        #expect(audit.warnings.map(\.code) == [.notEnforced])
        let custom = #"{"action":"CUSTOM","provider":{"name":"x"},"rules":[{"to":[{"operation":{"ports":["8080"]}}]}]}"#
        #expect(try !Self.allows(custom))
        #expect(try Self.allows(custom, port: 80))
        let target = compile([
            try Self.policy(#"{"targetRefs":[{"group":"","kind":"Service","name":"web"}],"rules":[{}]}"#)
        ])
        #expect(target.policies == [])
        #expect(target.warnings.first?.message.contains("Service web") == true)
    }

    @Test(
        "a selecting policy is named by the workloads that it selects, sorted, before the converted PeerAuthentication")
    func attachment() throws {
        let mesh = compile([
            try Self.policy(#"{"selector":{"matchLabels":{"app":"web"}}}"#, name: "b"),
            try Self.policy(#"{"selector":{"matchLabels":{"app":"web"}}}"#, name: "a", in: "istio-system"),
            try Self.policy("{}", name: "whole"),
            try Given.resource(.peerAuthentication, "strict", spec: #"{"mtls":{"mode":"STRICT"}}"#), try Given.entry(),
        ])
        #expect(
            mesh.workloads.first?.authorizationPolicies.map(\.description) == [
                "istio-system/a", "shop/b", "istio-system/istio_converted_static_strict",
            ])
        #expect(mesh.policies.first { $0.name == "whole" }?.scope == .namespace)
    }
}
