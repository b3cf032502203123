import MeshModel

/// The one table behind `docs/support.md`: what becomes of each field of each kind.
///
/// An entry is for the field of its path and for all below it, unless a longer path is here, too. Whoever makes a field work
/// changes its entry; a field without an entry fails the test.
enum SupportTable {
    private static let routing = "Tests/MeshPolicyTests/Routing/"
    private static let compilation = "Tests/MeshPolicyTests/Compilation/"
    private static let rules = "Tests/ValidationCases/"
    private static let traffic = "Tests/EndToEnd/test_traffic.py"
    private static let external = "Tests/EndToEnd/test_external.py"
    private static let gateways = "Tests/EndToEnd/test_gateway.py"
    private static let tlsSettings = "Tests/WaypointCoreTests/GatewayTLSSettingsTests.swift"
    private static let http2 = "Tests/EndToEnd/test_http2.py"
    private static let clusterIP = "services are reached from enrolled workloads only"
    private static let deprecated = "works as the newer field that the warning names"

    /// The state of a field; nil where the table has none.
    static func support(of path: String, in kind: ResourceKind) -> FieldSupport? {
        entries(of: kind).filter { isPart(path, of: $0.path) }.max { $0.path.utf8.count < $1.path.utf8.count }?.support
    }

    /// Whether `path` is `prefix` or in it.
    static func isPart(_ path: String, of prefix: String) -> Bool {
        guard path.hasPrefix(prefix) else { return false }
        let rest = path.dropFirst(prefix.count)
        return rest.isEmpty || prefix.isEmpty || [".", "[", "{"].contains(rest.first)
    }

    /// The entries of a kind; an empty path is the whole kind.
    static func entries(of kind: ResourceKind) -> [(path: String, support: FieldSupport)] {
        switch kind {
        case .namespace: [("", .warned("accepted without effect: deleting a namespace deletes what is in it"))]
        case .serviceAccount: [("", .warned("identities are certificates, not tokens"))]
        case .service: service
        case .serviceEntry:
            [
                ("", .works(compilation + "ServiceEntryCompilationTests.swift")),
                ("spec.endpoints[].network", .warned("endpoints in other networks are not reached by this version")),
            ]
        case .workloadEntry:
            [
                ("", .works(compilation + "WorkloadEntryCompilationTests.swift")),
                ("spec.network", .warned("endpoints in other networks are not reached by this version")),
            ]
        case .workloadGroup:
            [
                ("", .works("Tests/ControlPlaneTests/Nodes/NodeReportTests.swift")),
                ("spec.template.address", .refused("each workload has its own")),
                ("spec.probe.exec", .works("Tests/EndToEnd/test_health.py")),
            ]
        case .virtualService: virtualService
        case .destinationRule: destinationRule
        case .gateway: gateway
        case .sidecar: [("", .warned("IST0167: an ambient mesh has no sidecars"))]
        case .secret:
            [
                ("", .works("Tests/ControlPlaneTests/API/SecretTests.swift")),
                ("immutable", .warned("accepted without effect: whoever may write the Secret may still change it")),
            ]
        case .peerAuthentication: [("", .works(compilation + "PeerAuthenticationCompilationTests.swift"))]
        case .authorizationPolicy: authorizationPolicy
        }
    }

    private static let service: [(path: String, support: FieldSupport)] =
        [
            ("", .works(compilation + "ServiceCompilationTests.swift")),
            ("spec.externalName", .warned("ExternalName is not served; write a ServiceEntry with resolution DNS")),
            ("spec.sessionAffinity", .warned("each connection is balanced on its own")),
            ("spec.ports[].nodePort", .warned(clusterIP)),
        ]
        + [
            "externalIPs", "sessionAffinityConfig", "loadBalancerIP", "loadBalancerSourceRanges", "loadBalancerClass",
            "externalTrafficPolicy", "healthCheckNodePort", "allocateLoadBalancerNodePorts",
        ].map { ("spec." + $0, .warned(clusterIP)) }

    private static let virtualService: [(path: String, support: FieldSupport)] = [
        ("spec.hosts", .works(traffic)),
        ("spec.gateways", .works(gateways)),
        ("spec.exportTo", .works(routing + "HostTests.swift")),
        ("spec.http", .works(traffic)),
        ("spec.http[].name", .works(traffic)),
        ("spec.http[].match", .works(routing + "RouteMatchTests.swift")),
        ("spec.http[].match[].gateways", .works(gateways)),
        ("spec.http[].match[].statPrefix", .carried),
        ("spec.http[].match[].headers", .works(traffic)),
        ("spec.http[].match[].uri", .works(traffic)),
        ("spec.http[].match[].sourceLabels", .works(traffic)),
        ("spec.http[].fault.delay.percent", .warned("deprecated; " + deprecated)),
        ("spec.http[].fault.delay.exponentialDelay", .refused("not implemented, as in Istio")),
        ("spec.http[].fault.abort.http2Error", .refused("not implemented, as in Istio")),
        ("spec.http[].mirrorPercent", .warned("deprecated; " + deprecated)),
        ("spec.http[].corsPolicy.allowOrigin", .warned("deprecated; " + deprecated)),
        ("spec.tls", .works(external)),
        ("spec.tls[].match[].sourceLabels", .decided(routing + "GatewayRouteTests.swift")),
        ("spec.tls[].match[].sourceNamespace", .decided(routing + "GatewayRouteTests.swift")),
        ("spec.tls[].match[].destinationSubnets", .works(routing + "GatewayRouteTests.swift")),
        ("spec.tls[].match[].gateways", .works(routing + "GatewayRouteTests.swift")),
        ("spec.tcp", .works(traffic)),
        ("spec.tcp[].match", .works(routing + "GatewayRouteTests.swift")),
        ("spec.tcp[].match[].port", .works(gateways)),
        ("spec.tcp[].match[].gateways", .works(routing + "GatewayRouteTests.swift")),
        ("spec.tcp[].match[].sourceSubnet", .warned("deprecated; clients are told by sourceLabels")),
    ]

    private static let destinationRule: [(path: String, support: FieldSupport)] =
        [
            ("spec.host", .works(traffic)),
            ("spec.exportTo", .works(routing + "HostTests.swift")),
            ("spec.subsets", .works(traffic)),
            ("spec.trafficPolicy.loadBalancer", .works(routing + "UpstreamTests.swift")),
            ("spec.trafficPolicy.loadBalancer.consistentHash", .works(traffic)),
            ("spec.trafficPolicy.loadBalancer.localityLbSetting", .works(routing + "LocalityTests.swift")),
            ("spec.trafficPolicy.connectionPool", .works(traffic)),
            ("spec.trafficPolicy.connectionPool.http.h2UpgradePolicy", .works(http2)),
            ("spec.trafficPolicy.connectionPool.http.useClientProtocol", .works(http2)),
            ("spec.trafficPolicy.connectionPool.http.maxConcurrentStreams", .works(http2)),
            ("spec.trafficPolicy.connectionPool.http.http2KeepAlive", .works(http2)),
            ("spec.trafficPolicy.outlierDetection", .works(routing + "OutlierTests.swift")),
            ("spec.trafficPolicy.outlierDetection.consecutive5xxErrors", .works(traffic)),
            ("spec.trafficPolicy.outlierDetection.maxEjectionPercent", .works(traffic)),
            ("spec.trafficPolicy.portLevelSettings", .works(routing + "ClusterPolicyTests.swift")),
            ("spec.trafficPolicy.retryBudget", .works(routing + "RetryTests.swift")),
            ("spec.trafficPolicy.tls", .works(external)),
            ("spec.trafficPolicy.tls.credentialName", .works("Tests/WaypointCoreTests/EndpointTLSTests.swift")),
            ("spec.trafficPolicy.tls.caCrl", .works("Tests/TLSEngineTests/PublicTLSTests.swift")),
            ("spec.trafficPolicy.tunnel", .works(external)),
            ("spec.trafficPolicy.proxyProtocol", .works(external)),
            ("spec.trafficPolicy.connectionPool.tcp.maxConnectionDuration", .works(external)),
            ("spec.trafficPolicy.connectionPool.tcp.tcpKeepalive", .works(external)),
            ("spec.trafficPolicy.loadBalancer.consistentHash.minimumRingSize", .warned("deprecated; " + deprecated)),
            ("spec.trafficPolicy.loadBalancer.warmupDurationSecs", .warned("deprecated; " + deprecated)),
            (
                "spec.trafficPolicy.loadBalancer.zoneAwareLbSetting",
                .warned("taken as localityLbSetting, as Istio's waypoints do")
            ),
            (
                "spec.trafficPolicy.outlierDetection.consecutiveErrors",
                .warned("deprecated; counts as consecutive5xxErrors where no newer field is written (Istio ignores it)")
            ),
            (
                "spec.workloadSelector",
                .warned("selects the gateways and waypoints that use the rule; there are no sidecars")
            ),
        ]

    private static let gateway: [(path: String, support: FieldSupport)] = [
        ("spec.selector", .works(gateways)),
        ("spec.servers", .works(gateways)),
        ("spec.servers[].hosts", .works(routing + "GatewayRouteTests.swift")),
        ("spec.servers[].bind", .works(routing + "GatewayPlanTests.swift")),
        ("spec.servers[].tls.credentialNames", .works(tlsSettings)),
        ("spec.servers[].tls.caCertCredentialName", .works(tlsSettings)),
        ("spec.servers[].tls.subjectAltNames", .works(tlsSettings)),
        ("spec.servers[].tls.maxProtocolVersion", .works(tlsSettings)),
        ("spec.servers[].tls.cipherSuites", .works(tlsSettings)),
        ("spec.servers[].tls.mode", .works(gateways)),
        ("spec.servers[].tls.tlsCertificates[].caCertificates", .works(tlsSettings)),
        ("spec.servers[].port.targetPort", .refused("not used by Istio any more")),
        ("spec.servers[].defaultEndpoint", .warned("has no effect, as in Istio")),
    ]

    private static let authorizationPolicy: [(path: String, support: FieldSupport)] =
        [
            ("", .works(compilation + "AuthorizationPolicyCompilationTests.swift")),
            ("spec.targetRef", .refused("policies attached to waypoints come with them")),
            ("spec.targetRefs", .refused("policies attached to waypoints come with them")),
            ("spec.provider", .refused("the action CUSTOM is not served")),
        ]
        + ["requestPrincipals", "notRequestPrincipals", "remoteIpBlocks", "notRemoteIpBlocks"].map {
            ("spec.rules[].from[].source." + $0, .warned(needsRequests))
        }
        + ["hosts", "notHosts", "methods", "notMethods", "paths", "notPaths"].map {
            ("spec.rules[].to[].operation." + $0, .warned(needsRequests))
        }

    private static let needsRequests =
        "needs requests: with ALLOW the rule never matches, with DENY the rest of it counts"
}
