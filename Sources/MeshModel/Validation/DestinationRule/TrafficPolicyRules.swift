/// The rules of traffic policies (I 3.2).
struct TrafficPolicyRules {
    let findings: Findings

    func check(_ policy: DestinationRuleSpec.TrafficPolicy?, at path: FieldPath) {
        guard let policy else { return }
        if policy.isEmpty { findings.add(path, "says nothing", "give at least one block, or remove it", .required) }
        check(
            policy.loadBalancer, policy.connectionPool, policy.outlierDetection, policy.tls, at: path)
        if policy.tunnel != nil, policy.proxyProtocol != nil {
            findings.add(
                path.appending(key: "proxyProtocol"), "is written next to tunnel", "keep one of the two", .forbidden)
        }
        if let tunnel = policy.tunnel, !tunnel.targetHost.isEmpty, IPAddress(tunnel.targetHost) == nil,
            let problem = NameRules.host(tunnel.targetHost, allowsWildcard: false)
        {
            findings.add(
                path.appending(key: "tunnel").appending(key: "targetHost"), tunnel.targetHost, problem,
                "use a host such as db.example.com")
        }
        for (index, port) in policy.portLevelSettings.enumerated() {
            let place = path.appending(key: "portLevelSettings").appending(index: index)
            if port.loadBalancer == nil, port.connectionPool == nil, port.outlierDetection == nil, port.tls == nil {
                findings.add(
                    place, "says nothing", "give loadBalancer, connectionPool, outlierDetection or tls", .required)
            }
            check(port.loadBalancer, port.connectionPool, port.outlierDetection, port.tls, at: place)
        }
    }

    private func check(
        _ balancer: DestinationRuleSpec.LoadBalancer?, _ pool: DestinationRuleSpec.ConnectionPool?,
        _ detection: DestinationRuleSpec.OutlierDetection?, _ tls: DestinationRuleSpec.ClientTLS?, at path: FieldPath
    ) {
        if let balancer {
            LoadBalancerRules(
                balancer: balancer, hasOutlierDetection: detection != nil, path: path.appending(key: "loadBalancer"),
                findings: findings
            ).check()
        }
        if let pool { check(pool, at: path.appending(key: "connectionPool")) }
        if let detection { check(detection, at: path.appending(key: "outlierDetection")) }
        if let tls { check(tls, at: path.appending(key: "tls")) }
    }

    private func check(_ pool: DestinationRuleSpec.ConnectionPool, at path: FieldPath) {
        if pool.isEmpty { findings.add(path, "says nothing", "give tcp or http, or remove it", .required) }
        if pool.http?.useClientProtocol == true, pool.http?.h2UpgradePolicy == .always {
            findings.add(
                path.appending(key: "http").appending(key: "h2UpgradePolicy"), "UPGRADE",
                "does not fit useClientProtocol", "keep one of the two", .forbidden)
        }
    }

    private func check(_ detection: DestinationRuleSpec.OutlierDetection, at path: FieldPath) {
        if detection.consecutiveLocalOriginFailures ?? 0 > 0, detection.splitExternalLocalOriginErrors != true {
            findings.add(
                path.appending(key: "consecutiveLocalOriginFailures"),
                "needs splitExternalLocalOriginErrors", "set that to true, or remove this")
        }
    }

    private func check(_ tls: DestinationRuleSpec.ClientTLS, at path: FieldPath) {
        let files = [
            ("clientCertificate", tls.clientCertificate), ("privateKey", tls.privateKey),
            ("caCertificates", tls.caCertificates), ("caCrl", tls.caCrl),
        ]
        if tls.credentialName != nil {
            for (key, value) in files where value != nil {
                findings.add(
                    path.appending(key: key), "is written next to credentialName", "keep one of the two", .forbidden)
            }
        } else if tls.mode == .mutual {
            for (key, value) in files.prefix(2) where value == nil {
                findings.add(
                    path.appending(key: key), "is required with mode MUTUAL", "give the file, or use credentialName",
                    .required)
            }
        }
        if tls.mode == .istioMutual {
            for (key, value) in files + [("credentialName", tls.credentialName)] where value != nil {
                findings.add(
                    path.appending(key: key),
                    "is not allowed with mode ISTIO_MUTUAL, whose certificates are the mesh's",
                    "remove it, or use MUTUAL", .forbidden)
            }
        }
        guard tls.insecureSkipVerify == true else { return }
        for (key, isWritten) in [
            ("caCertificates", tls.caCertificates != nil), ("subjectAltNames", !tls.subjectAltNames.isEmpty),
        ] where isWritten {
            findings.add(
                path.appending(key: key), "is not looked at with insecureSkipVerify", "keep one of the two", .forbidden)
        }
    }
}
