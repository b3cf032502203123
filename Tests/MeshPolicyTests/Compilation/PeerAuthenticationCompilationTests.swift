import MeshModel
import MeshPolicy
import Testing

@Suite("Compilation of PeerAuthentication")
struct PeerAuthenticationCompilationTests {
    static let peer = "cluster.local/ns/shop/sa/client"

    static func policy(
        _ name: String, in namespace: String = "shop", created: Int = 1, mode: String? = nil,
        selector: [String: String] = [:], ports: [Int: String] = [:]
    ) throws -> Resource {
        var parts: [String] = []
        if let mode { parts.append(#""mtls":{"mode":"\#(mode)"}"#) }
        if !selector.isEmpty {
            let labels = selector.map { #""\#($0.key)":"\#($0.value)""# }.joined(separator: ",")
            parts.append(#""selector":{"matchLabels":{\#(labels)}}"#)
        }
        if !ports.isEmpty {
            let modes = ports.map { #""\#($0.key)":{"mode":"\#($0.value)"}"# }.joined(separator: ",")
            parts.append(#""portLevelMtls":{\#(modes)}"#)
        }
        return try Given.resource(
            .peerAuthentication, name, in: namespace, created: created, spec: "{\(parts.joined(separator: ","))}")
    }

    /// Whether plaintext gets in; an authenticated connection must always.
    static func acceptsPlaintext(_ policies: [Resource], port: UInt16 = 8080) throws -> Bool {
        let resources = policies + [try Given.entry()]
        #expect(try Given.allows(resources, from: Self.peer, port: port))
        return try Given.allows(resources, port: port)
    }

    @Test("without any policy plaintext is accepted, and nothing is sent")
    func none() throws {
        #expect(try Self.acceptsPlaintext([]))
        #expect(compile([try Given.entry()]).policies == [])
    }

    @Test(
        "mesh, namespace and workload level: the most specific that is set stands",
        arguments: [
            ("STRICT", nil, nil, false), (nil, "STRICT", nil, false), (nil, nil, "STRICT", false),
            ("PERMISSIVE", nil, nil, true), ("STRICT", "PERMISSIVE", nil, true), ("STRICT", "DISABLE", nil, true),
            ("STRICT", "UNSET", nil, false), ("STRICT", "UNSET", "UNSET", false),
            ("STRICT", "STRICT", "PERMISSIVE", true),
            ("STRICT", nil, "DISABLE", true), ("PERMISSIVE", "STRICT", nil, false),
            ("PERMISSIVE", nil, "STRICT", false),
            ("PERMISSIVE", "STRICT", "UNSET", false), (nil, "PERMISSIVE", "STRICT", false),
            ("UNSET", "UNSET", "UNSET", true),
        ] as [(String?, String?, String?, Bool)])
    func levels(mesh: String?, namespace: String?, workload: String?, plaintext: Bool) throws {
        var policies: [Resource] = []
        if let mesh { policies.append(try Self.policy("mesh", in: "istio-system", mode: mesh)) }
        if let namespace { policies.append(try Self.policy("ns", mode: namespace)) }
        if let workload { policies.append(try Self.policy("w", mode: workload, selector: ["app": "web"])) }
        #expect(try Self.acceptsPlaintext(policies) == plaintext)
    }

    @Test(
        "port level: each port has its own mode, others have the workload's",
        arguments: [
            // inherited, workload mode, port 9090's mode: plaintext on 9090, plaintext elsewhere
            (nil, "STRICT", "PERMISSIVE", true, false), (nil, "STRICT", "DISABLE", true, false),
            (nil, "STRICT", "STRICT", false, false), (nil, "STRICT", "UNSET", false, false),
            (nil, "PERMISSIVE", "STRICT", false, true), (nil, "DISABLE", "STRICT", false, true),
            (nil, "PERMISSIVE", "PERMISSIVE", true, true), (nil, nil, "STRICT", false, true),
            (nil, nil, "PERMISSIVE", true, true), ("STRICT", nil, "PERMISSIVE", true, false),
            ("STRICT", "UNSET", "DISABLE", true, false), ("STRICT", nil, "STRICT", false, false),
            ("STRICT", "PERMISSIVE", "STRICT", false, true), ("PERMISSIVE", nil, "STRICT", false, true),
        ] as [(String?, String?, String, Bool, Bool)])
    func ports(inherited: String?, workload: String?, port: String, onPort: Bool, elsewhere: Bool) throws {
        for home in ["shop", "istio-system"] {
            var policies = [
                try Self.policy("w", mode: workload, selector: ["app": "web"], ports: [9090: port])
            ]
            if let inherited { policies.append(try Self.policy("above", in: home, mode: inherited)) }
            #expect(try Self.acceptsPlaintext(policies, port: 9090) == onPort)
            #expect(try Self.acceptsPlaintext(policies, port: 8080) == elsewhere)
        }
    }

    @Test("several port exceptions hold together")
    func manyPorts() throws {
        let strict = [
            try Self.policy(
                "w", mode: "STRICT", selector: ["app": "web"],
                ports: [9090: "PERMISSIVE", 9091: "DISABLE", 9092: "STRICT"])
        ]
        for (port, accepted) in [(9090, true), (9091, true), (9092, false), (80, false)] as [(UInt16, Bool)] {
            #expect(try Self.acceptsPlaintext(strict, port: port) == accepted)
        }
        let permissive = [
            try Self.policy("w", mode: "PERMISSIVE", selector: ["app": "web"], ports: [9090: "STRICT", 9091: "STRICT"])
        ]
        for (port, accepted) in [(9090, false), (9091, false), (80, true)] as [(UInt16, Bool)] {
            #expect(try Self.acceptsPlaintext(permissive, port: port) == accepted)
        }
    }

    @Test("the names on the wire are istiod's, and a workload carries one of them")
    func names() throws {
        let strict = compile([try Self.policy("any", mode: "STRICT"), try Given.entry()])
        #expect(strict.policies.map(\.key.description) == ["istio-system/istio_converted_static_strict"])
        #expect(strict.policies.first?.scope == .workloadSelector)
        #expect(strict.policies.first?.action == .deny)
        #expect(
            strict.workloads.first?.authorizationPolicies.map(\.description) == [
                "istio-system/istio_converted_static_strict"
            ])
        let port = compile([
            try Self.policy("web", mode: "STRICT", selector: ["app": "web"], ports: [9090: "PERMISSIVE"]),
            try Given.entry(),
        ])
        #expect(
            port.policies.map(\.key.description) == [
                "istio-system/istio_converted_static_strict", "shop/converted_peer_authentication_web",
            ])
        #expect(
            port.workloads.first?.authorizationPolicies.map(\.description) == ["shop/converted_peer_authentication_web"]
        )
    }

    @Test("on one level the oldest stands, and the others are told")
    func oldest() throws {
        #expect(
            try !Self.acceptsPlaintext([
                try Self.policy("b", created: 1, mode: "STRICT"), try Self.policy("a", created: 2, mode: "PERMISSIVE"),
            ]))
        #expect(
            try Self.acceptsPlaintext([
                try Self.policy("b", created: 2, mode: "STRICT", selector: ["app": "web"]),
                try Self.policy("a", created: 1, mode: "PERMISSIVE", selector: ["app": "web"]),
            ]))
        #expect(
            try Self.acceptsPlaintext([
                try Self.policy("a", created: 1, mode: "PERMISSIVE"), try Self.policy("b", created: 1, mode: "STRICT"),
            ]), "of the same second, the first by name")
        let mesh = compile([try Self.policy("b", created: 1, mode: "STRICT"), try Self.policy("a", created: 2)])
        #expect(mesh.warnings.map(\.name) == ["a"])
        #expect(mesh.warnings.map(\.code) == [.overridden])
    }

    @Test("a selector policy of another namespace or of the root namespace does not reach a workload")
    func otherNamespaces() throws {
        #expect(try Self.acceptsPlaintext([try Self.policy("x", in: "prod", mode: "STRICT")]))
        #expect(try Self.acceptsPlaintext([try Self.policy("x", in: "prod", mode: "STRICT", selector: ["app": "web"])]))
        let root = try Self.policy("x", in: "istio-system", mode: "STRICT", selector: ["app": "web"])
        #expect(try Self.acceptsPlaintext([root]))
        #expect(compile([root]).warnings.map(\.code) == [.noEffect])
    }

    @Test("a selector that matches another workload changes nothing for this one")
    func otherLabels() throws {
        #expect(try Self.acceptsPlaintext([try Self.policy("x", mode: "STRICT", selector: ["app": "db"])]))
        #expect(
            try !Self.acceptsPlaintext([
                try Self.policy("ns", mode: "STRICT"),
                try Self.policy("x", mode: "PERMISSIVE", selector: ["app": "db"]),
            ]))
    }

    @Test("ports without a selector are said to have no effect")
    func portsWithoutSelector() throws {
        let mesh = compile([try Self.policy("x", mode: "STRICT", ports: [80: "PERMISSIVE"])])
        #expect(mesh.warnings.first?.message.contains("portLevelMtls") == true)
    }

    @Test("endpoints of a ServiceEntry are bound by its namespace's mode")
    func endpoints() throws {
        let resources = [
            try Self.policy("ns", mode: "STRICT"),
            try Given.resource(
                .serviceEntry, "ext",
                spec:
                    #"{"hosts":["a.example"],"resolution":"STATIC","ports":[{"number":80}],"endpoints":[{"address":"10.3.0.1"}]}"#
            ),
        ]
        #expect(try !Given.allows(resources, to: "ext"))
    }
}
