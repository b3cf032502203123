import HTTPWire
import MeshModel
import MeshTelemetry
package import NodeCore

extension NodeConfiguration {
    /// Reads `variables`; `cores` is the number of processors that the process may use.
    ///
    /// Throws all problems at once. Features of Istio's ztunnel that are not here are refused by name when they are
    /// switched on, so that nobody believes that a setting is in force.
    package static func read(
        _ variables: [String: String], cores: Int
    ) throws(ConfigurationFailure) -> NodeConfiguration {
        var reader = EnvironmentReader(variables)
        var made = NodeConfiguration()
        made.readIdentity(&reader)
        made.readControlPlane(&reader)
        made.readDataPath(&reader, cores: cores)
        made.readPages(&reader)
        refuseUnsupported(&reader)
        made.warnings = reader.unknown(prefixes: ["AMBIT_", "XDS_", "CA_", "ZTUNNEL_", "HTTP2_", "POOL_", "KEEPALIVE_"])
            .map { "the environment variable \($0) has no meaning for ztunnel and is ignored" }
        guard reader.problems.isEmpty else { throw ConfigurationFailure(problems: reader.problems) }
        return made
    }

    /// Reads what `ztunnel capture` needs of `variables`; all others may be missing or wrong.
    package static func capture(_ variables: [String: String]) throws(ConfigurationFailure) -> NodeConfiguration {
        var reader = EnvironmentReader(variables)
        var made = NodeConfiguration()
        made.stateDirectory = reader.text("AMBIT_STATE_DIR") ?? made.stateDirectory
        made.excludedInterfaces = list(reader.text("AMBIT_EXCLUDE_INTERFACES"))
        made.dns = reader.flag("ISTIO_META_DNS_CAPTURE", default: true)
        guard reader.problems.isEmpty else { throw ConfigurationFailure(problems: reader.problems) }
        return made
    }

    private mutating func readIdentity(_ reader: inout EnvironmentReader) {
        let dedicated = reader.choice("PROXY_MODE", ["shared": false, "dedicated": true], default: false)
        let workload = reader.parsed(
            "PROXY_WORKLOAD_INFO", wants: "namespace/name/service-account", default: WorkloadReference?.none
        ) { text in WorkloadReference(text).map(Optional.some) }
        if dedicated {
            if let workload {
                mode = .dedicated(workload)
            } else {
                reader.refuse(
                    "PROXY_MODE", "dedicated", "PROXY_WORKLOAD_INFO=namespace/name/service-account must be set too")
            }
        }
        nodeName = reader.text("NODE_NAME")
        network = reader.text("NETWORK") ?? ""
        let plainCluster = reader.text("CLUSTER_ID")
        clusterID = reader.text("ISTIO_META_CLUSTER_ID") ?? plainCluster ?? clusterID
        clusterDomain = reader.text("CLUSTER_DOMAIN") ?? clusterDomain
        trustDomain = reader.parsed("TRUST_DOMAIN", wants: "a trust domain such as cluster.local", default: trustDomain)
        {
            WorkloadReference.isName($0) ? $0 : nil
        }
        instanceAddress = reader.text("INSTANCE_IP") ?? instanceAddress
        podName = reader.text("POD_NAME") ?? ""
        podNamespace = reader.text("POD_NAMESPACE") ?? ""
    }

    private mutating func readControlPlane(_ reader: inout EnvironmentReader) {
        certificateDirectory = reader.text("AMBIT_CERT_DIR")
        localStatePath = reader.text("LOCAL_XDS_PATH")
        stateDirectory = reader.directory("AMBIT_STATE_DIR") ?? stateDirectory
        runDirectory = reader.directory("AMBIT_RUN_DIR") ?? runDirectory
        agentSocket = reader.directory("INPOD_UDS")
        if let agentSocket, mode != .shared {
            reader.refuse(
                "INPOD_UDS", agentSocket, "PROXY_MODE=dedicated serves its one workload only; unset one of them")
        }
        certificateLifetime = reader.duration(
            "SECRET_TTL", in: .seconds(60)...(.seconds(86_400 * 90)), default: certificateLifetime)
        token = reader.text("AUTH_TOKEN")
        discovery = reader.server("XDS", absent: localStatePath != nil)
        authority = reader.server("CA", absent: certificateDirectory != nil)
        if authority != nil, certificateDirectory != nil {
            reader.refuse(
                "AMBIT_CERT_DIR", certificateDirectory ?? "",
                "CA_ADDRESS is set as well; certificates come from one of them, unset the other (CA_ADDRESS= switches it off)"
            )
        }
        if authority == nil, certificateDirectory == nil {
            reader.refuse("CA_ADDRESS", "", "without an authority AMBIT_CERT_DIR must name a directory of certificates")
        }
        switch (reader.text("AMBIT_NODE_CERT"), reader.text("AMBIT_NODE_KEY")) {
        case (let certificate?, let key?): nodeCertificate = (certificate, key)
        case (nil, nil): break
        case (let certificate?, nil):
            reader.refuse("AMBIT_NODE_CERT", certificate, "AMBIT_NODE_KEY must name the file of its private key")
        case (nil, let key?):
            reader.refuse("AMBIT_NODE_KEY", key, "AMBIT_NODE_CERT must name the file of its certificate")
        }
    }

    private mutating func readDataPath(_ reader: inout EnvironmentReader, cores: Int) {
        dataPlane.node = nodeName
        dataPlane.network = network
        dataPlane.clusterID = clusterID
        dataPlane.clusterDomain = clusterDomain
        dataPlane.workers = reader.parsed(
            "ZTUNNEL_WORKER_THREADS", wants: "a number from 0 (all cores) to 256, or a share of the cores such as 50%",
            default: max(1, cores)
        ) { Self.workers($0, cores: max(1, cores)) }
        let marks = mode == .shared ? 0x539 : nil as Int?
        let mark = reader.parsed("PACKET_MARK", wants: "a number from 1 to 4294967295", default: marks) { text in
            let number = text.hasPrefix("0x") ? Int(text.dropFirst(2), radix: 16) : Int(text)
            return number.flatMap { (1...0xffff_ffff).contains($0) ? .some($0) : nil }
        }
        dataPlane.packetMark = mark.map { UInt32(truncatingIfNeeded: $0) }
        dataPlane.sourceAddress = reader.choice(
            "ENABLE_ORIG_SRC", ["true": .require, "false": .disable, "auto": .preserveIfPossible],
            default: .preserveIfPossible)
        dataPlane.ipv6 = reader.flag("IPV6_ENABLED", default: true)
        dataPlane.policyInfoLogging = reader.flag("AUTHZ_POLICY_INFO_LOGGING", default: false)
        dataPlane.responseBaggage = reader.flag("ENABLE_RESPONSE_BAGGAGE", default: true)
        dataPlane.localhostApplicationTunnel = reader.flag("LOCALHOST_APP_TUNNEL", default: true)
        dataPlane.limits.heldBytes = reader.heldBytes(workers: dataPlane.workers)
        dataPlane.limits.connections = reader.number(
            "AMBIT_MAX_CONNECTIONS", in: 1...1_048_576, default: dataPlane.limits.connections)
        dataPlane.limits.streamsPerTunnel = reader.number(
            "POOL_MAX_STREAMS_PER_CONNECTION", in: 1...65_535, default: 100)
        dataPlane.timeouts.tunnelIdle = reader.duration(
            "POOL_UNUSED_RELEASE_TIMEOUT", in: .seconds(1)...(.seconds(86_400)), default: .seconds(300))
        dataPlane.timeouts.connectAnswer = reader.duration(
            "AMBIT_CONNECT_ANSWER_TIMEOUT", in: .seconds(1)...(.seconds(3_600)),
            default: dataPlane.timeouts.connectAnswer)
        readHTTP2(&reader)
        let grace = reader.number("TERMINATION_GRACE_PERIOD_SECONDS", in: 1...86_400, default: 5)
        drainDeadline = reader.duration(
            "CONNECTION_TERMINATION_DEADLINE", in: .zero...(.seconds(86_400)), default: .seconds(grace))
        capturesOwnNamespace = reader.flag("AMBIT_CAPTURE", default: false)
        if capturesOwnNamespace {
            if mode == .shared {
                reader.refuse(
                    "AMBIT_CAPTURE", "true", "it needs PROXY_MODE=dedicated; enrolled namespaces are always captured")
            } else if dataPlane.packetMark != 0x539 {
                // Without the mark the capture rules would send the proxy's own connections back to it.
                if reader.text("PACKET_MARK") == nil {
                    dataPlane.packetMark = 0x539
                } else {
                    reader.refuse(
                        "PACKET_MARK", reader.text("PACKET_MARK") ?? "", "the capture rules need 1337 (0x539)")
                }
            }
        }
        if mode != .shared, !capturesOwnNamespace, reader.text("ENABLE_ORIG_SRC") == nil {
            // Only the capture rules bring the application's answers to a client's address back to the proxy.
            dataPlane.sourceAddress = .disable
        }
        excludedInterfaces = Self.list(reader.text("AMBIT_EXCLUDE_INTERFACES"))
        enrolmentFolder = reader.text("AMBIT_ENROLL_DIR") ?? enrolmentFolder
        probeFolder = reader.text("AMBIT_PROBE_DIR") ?? probeFolder
        let addresses = reader.hostAddresses()
        if !addresses.isEmpty { hostAddresses = .fixed(addresses) }
    }

    private mutating func readHTTP2(_ reader: inout EnvironmentReader) {
        let window = dataPlane.http2.initialStreamWindow
        let connection = dataPlane.http2.connectionWindow
        let frame = dataPlane.http2.maxFrameSize
        dataPlane.http2.initialStreamWindow = .init(
            reader.number("HTTP2_STREAM_WINDOW_SIZE", in: 65_535...0x7fff_ffff, default: Int(window)))
        dataPlane.http2.connectionWindow = .init(
            reader.number("HTTP2_CONNECTION_WINDOW_SIZE", in: 65_535...0x7fff_ffff, default: Int(connection)))
        dataPlane.http2.maxFrameSize = .init(
            reader.number("HTTP2_FRAME_SIZE", in: 16_384...16_777_215, default: Int(frame)))
    }

    private mutating func readPages(_ reader: inout EnvironmentReader) {
        dns = reader.flag("ISTIO_META_DNS_CAPTURE", default: true)
        dnsUpstream = Self.list(reader.text("AMBIT_DNS_UPSTREAM"))
        for server in dnsUpstream where ResolverConfiguration.address(server) == nil {
            reader.refuse(
                "AMBIT_DNS_UPSTREAM", server, "it must be a list of addresses, such as 192.0.2.53,[2001:db8::53]:5353")
        }
        preferredServiceNamespace = reader.text("PREFERED_SERVICE_NAMESPACE")
        upgradeDrainDeadline = reader.duration(
            "AMBIT_UPGRADE_DRAIN_DEADLINE", in: .seconds(1)...(.seconds(7 * 86_400)), default: upgradeDrainDeadline)
        upgradeTimeout = reader.duration(
            "AMBIT_UPGRADE_TIMEOUT", in: .seconds(1)...(.seconds(600)), default: upgradeTimeout)
        upgradeGenerations = reader.number("AMBIT_UPGRADE_GENERATIONS", in: 1...256, default: upgradeGenerations)
        adminPort = UInt16(truncatingIfNeeded: reader.number("AMBIT_ADMIN_PORT", in: 1...65_535, default: 15000))
        metricsPort = UInt16(truncatingIfNeeded: reader.number("AMBIT_METRICS_PORT", in: 1...65_535, default: 15020))
        readinessPort = UInt16(
            truncatingIfNeeded: reader.number("AMBIT_READINESS_PORT", in: 1...65_535, default: 15021))
        logFilter = reader.parsed(
            "RUST_LOG", wants: "off, error, warn, info, debug or trace, or such a list as info,access=debug",
            default: logFilter
        ) { text in try? LogFilter(text) }
        logsJSON = reader.choice("LOG_FORMAT", ["plain": false, "json": true], default: false)
        istioVersion = reader.text("ISTIO_META_ISTIO_VERSION") ?? "unknown"
        metadata = reader.all(prefix: "ISTIO_META_")
    }

    private static func refuseUnsupported(_ reader: inout EnvironmentReader) {
        reader.unsupported("ENABLE_PROXY", harmless: ["true"], "ztunnel without its proxy is not supported")
        reader.unsupported("XDS_ON_DEMAND", harmless: ["false"], "on-demand discovery is not supported")
        reader.unsupported(
            "LOCAL_XDS", "inline configuration is not supported, write it to a file and set LOCAL_XDS_PATH")
        reader.unsupported("FAKE_CA", harmless: ["false"], "a fake authority is not supported, set AMBIT_CERT_DIR")
        reader.unsupported("UNSTABLE_ENABLE_SOCKS5", harmless: ["false"], "SOCKS5 is not supported")
        reader.unsupported("CRL_PATH", "certificate revocation lists are not supported")
        reader.unsupported("TLS12_ENABLED", harmless: ["false"], "only TLS 1.3 is supported")
        reader.unsupported("COMPLIANCE_POLICY", "compliance policies are not supported")
        reader.unsupported("PROXY_CONFIG", "use the environment variables of the single settings")
        reader.unsupported("ISTIO_META_DNS_PROXY_ADDR", harmless: ["localhost:15053"], "the DNS address is fixed")
        reader.unsupported("INPOD_PORT_REUSE", harmless: ["true"], "ports are always shared, for upgrades")
        reader.unsupported("KEEPALIVE_ENABLED", harmless: ["true"], "TCP keepalive cannot be switched off")
        for (name, fixed) in [("KEEPALIVE_TIME", "180s"), ("KEEPALIVE_INTERVAL", "180s"), ("KEEPALIVE_RETRIES", "9")] {
            reader.unsupported(name, harmless: [fixed], "TCP keepalive is fixed at \(fixed)")
        }
        reader.unsupported("USER_TIMEOUT_ENABLED", harmless: ["false"], "TCP_USER_TIMEOUT is not supported")
        for (name, _) in reader.all(prefix: "ISTIO_METAJSON_") {
            reader.refuse(
                "ISTIO_METAJSON_" + name, "...", "JSON metadata is not supported, use ISTIO_META_\(name); unset it")
        }
    }

    private static func workers(_ text: String, cores: Int) -> Int? {
        if text.hasSuffix("%") {
            guard let percent = Int(text.dropLast()), (1...100).contains(percent) else { return nil }
            return max(1, (cores * percent + 99) / 100)
        }
        guard let number = Int(text), (0...256).contains(number) else { return nil }
        return number == 0 ? cores : number
    }

    private static func list(_ text: String?) -> [String] {
        (text ?? "").split(separator: ",").map { part in
            String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }.filter { !$0.isEmpty }
    }
}
