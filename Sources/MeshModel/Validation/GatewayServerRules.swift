/// The rules of one server of a Gateway.
struct GatewayServerRules {
    let server: GatewaySpec.Server
    let path: FieldPath
    let findings: Findings

    func check() {
        checkHosts()
        if let bind = server.bind, IPAddress(bind) == nil {
            findings.add(
                path.appending(key: "bind"), bind, "is no IP address", "write the address to listen on, or remove it")
        }
        let tls = path.appending(key: "tls")
        guard let kind = server.portProtocol else { return }
        guard let written = server.tls else {
            if kind.isTLS {
                findings.add(
                    tls, "is required with protocol \(kind.rawValue)", "give mode and credentialName", .required)
            }
            return
        }
        if !kind.isPlainHTTP, written.httpsRedirect {
            findings.warn(tls.appending(key: "httpsRedirect"), "has an effect with protocol HTTP only")
        }
        guard !kind.isTLS else { return GatewayTLSRules(tls: written, path: tls, findings: findings).check() }
        guard written.isMoreThanRedirect else { return }
        let (problem, encrypted) =
            kind.isPlainHTTP
            ? ("where it may hold httpsRedirect only", "HTTPS") : ("which is carried without TLS", "TLS")
        findings.add(
            tls, "is written with protocol \(kind.rawValue), \(problem)", "use protocol \(encrypted), or remove it",
            .forbidden)
    }

    private func checkHosts() {
        let place = path.appending(key: "hosts")
        if server.hosts.isEmpty {
            findings.add(place, "is required", "give hosts, or * for all", .required)
        }
        for (index, host) in server.hosts.enumerated() {
            let one = place.appending(index: index)
            let parts = host.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            guard parts.count <= 2, let name = parts.last else {
                findings.add(one, host, "has more than one '/'", "use HOST or NAMESPACE/HOST")
                continue
            }
            if parts.count == 2, ![".", "*", "~"].contains(parts[0]), let problem = NameRules.label(parts[0]) {
                findings.add(
                    one, host, "names a namespace that \(problem)", "use ., * or a namespace's name before the '/'")
            }
            if name != "*", IPAddress(name) == nil, let problem = NameRules.host(name, allowsWildcard: true) {
                findings.add(one, host, problem, "use a host such as www.example.com, *.example.com or *")
            }
        }
    }
}
