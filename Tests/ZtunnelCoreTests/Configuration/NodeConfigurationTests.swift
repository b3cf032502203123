import NodeCore
import Testing
import ZtunnelCore

/// Settings: Istio's names and defaults, and refusals that say what would be right.
@Suite struct NodeConfigurationTests {
    private func read(_ variables: [String: String]) throws -> NodeConfiguration {
        try NodeConfiguration.read(variables, cores: 4)
    }

    private func problems(_ variables: [String: String]) -> [String] {
        do {
            _ = try read(variables)
            return []
        } catch {
            return (error as? ConfigurationFailure)?.problems ?? ["\(error)"]
        }
    }

    @Test func defaultsAreThoseOfIstio() throws {
        let made = try read([:])
        #expect(made.mode == .shared)
        #expect(made.discovery?.address.description == "https://localhost:15012")
        #expect(made.authority?.address == made.discovery?.address)
        #expect(made.dataPlane.workers == 4 && made.dataPlane.packetMark == 0x539)
        #expect(made.dns && made.drainDeadline == .seconds(5) && made.certificateLifetime == .seconds(86_400))
        #expect(made.warnings.isEmpty)
        #expect(try read(["KUBERNETES_SERVICE_HOST": "10.0.0.1"]).discovery?.address.host == "istiod.istio-system.svc")
    }

    @Test func connectionsAreBoundedAsIsSaid() throws {
        #expect(try read([:]).dataPlane.limits.connections == 65_536)
        #expect(try read(["AMBIT_MAX_CONNECTIONS": "1000"]).dataPlane.limits.connections == 1_000)
        #expect(problems(["AMBIT_MAX_CONNECTIONS": "0"]).count == 1)
        let held = ["AMBIT_MAX_HELD_BYTES": "8388608", "ZTUNNEL_WORKER_THREADS": "4"]
        #expect(try read(held).dataPlane.limits.heldBytes == 2 << 20)
        #expect(problems(["AMBIT_MAX_HELD_BYTES": "1000"]).count == 1)
    }

    @Test func filesTakeThePlaceOfServers() throws {
        let made = try read(["XDS_ADDRESS": "", "CA_ADDRESS": "", "LOCAL_XDS_PATH": "/a", "AMBIT_CERT_DIR": "/c"])
        #expect(made.discovery == nil && made.authority == nil)
        #expect(made.localStatePath == "/a" && made.certificateDirectory == "/c")
        #expect(
            problems(["CA_ADDRESS": ""]) == [
                "CA_ADDRESS=: without an authority AMBIT_CERT_DIR must name a directory of certificates"
            ])
        #expect(
            problems(["CA_ADDRESS": "https://a", "AMBIT_CERT_DIR": "/c"]).first?.hasPrefix(
                "AMBIT_CERT_DIR=/c: CA_ADDRESS is set as well") == true)
    }

    @Test(arguments: [
        ("PROXY_MODE", "sidecar", "it must be one of shared, dedicated"),
        ("PROXY_MODE", "dedicated", "PROXY_WORKLOAD_INFO=namespace/name/service-account must be set too"),
        ("PROXY_WORKLOAD_INFO", "a/b", "it must be namespace/name/service-account"),
        (
            "XDS_ADDRESS", "http://a:15012",
            "it must be https://host:port, or empty for none; plain http is not supported"
        ),
        ("XDS_ADDRESS", "https://a:0", "it must be https://host:port, or empty for none; plain http is not supported"),
        (
            "ZTUNNEL_WORKER_THREADS", "-1",
            "it must be a number from 0 (all cores) to 256, or a share of the cores such as 50%"
        ),
        ("SECRET_TTL", "1", "it must be a duration from 1m to 2160h, such as 150ms, 5s, 5m or 1h30m"),
        ("IPV6_ENABLED", "yes", "it must be true or false"),
        ("HTTP2_FRAME_SIZE", "100", "it must be a whole number from 16384 to 16777215"),
        ("ENABLE_ORIG_SRC", "maybe", "it must be one of true, false, auto"),
        ("AMBIT_STATE_DIR", "state", "it must be an absolute path"),
        ("AMBIT_NODE_CERT", "/c", "AMBIT_NODE_KEY must name the file of its private key"),
        ("AMBIT_DNS_UPSTREAM", "resolver", "it must be a list of addresses, such as 192.0.2.53,[2001:db8::53]:5353"),
        ("AMBIT_CAPTURE", "true", "it needs PROXY_MODE=dedicated; enrolled namespaces are always captured"),
        ("RUST_LOG", "loud", "it must be off, error, warn, info, debug or trace, or such a list as info,access=debug"),
        ("CRL_PATH", "/crl", "certificate revocation lists are not supported; unset it"),
        ("TLS12_ENABLED", "true", "only TLS 1.3 is supported; unset it"),
        ("XDS_ON_DEMAND", "true", "on-demand discovery is not supported; unset it"),
        ("KEEPALIVE_TIME", "10s", "TCP keepalive is fixed at 180s; unset it"),
    ])
    func wrongValuesAreRefusedByName(name: String, value: String, problem: String) {
        #expect(problems([name: value]) == ["\(name)=\(value): \(problem)"])
    }

    @Test func allProblemsAreNamedAtOnce() {
        #expect(problems(["PROXY_MODE": "x", "IPV6_ENABLED": "x", "CRL_PATH": "x"]).count == 3)
    }

    @Test func harmlessValuesOfMissingFeaturesAreTaken() {
        #expect(problems(["TLS12_ENABLED": "false", "XDS_ON_DEMAND": "false", "KEEPALIVE_RETRIES": "9"]).isEmpty)
    }

    @Test func namesThatMeanNothingAreWarnedOf() throws {
        let made = try read(["AMBIT_STATEDIR": "/x", "ZTUNNEL_WORKERS": "2", "PATH": "/bin"])
        #expect(made.warnings.count == 2)
        #expect(made.warnings.first?.contains("AMBIT_STATEDIR") == true)
    }

    @Test func workersMayBeAShareOfTheCores() throws {
        #expect(try read(["ZTUNNEL_WORKER_THREADS": "30%"]).dataPlane.workers == 2)
        #expect(try read(["ZTUNNEL_WORKER_THREADS": "0"]).dataPlane.workers == 4)
    }

    @Test func dedicatedModeWithCaptureNeedsTheMark() throws {
        let made = try read(["PROXY_MODE": "dedicated", "PROXY_WORKLOAD_INFO": "n/w/s", "AMBIT_CAPTURE": "true"])
        #expect(made.mode == .dedicated(WorkloadReference(namespace: "n", name: "w", serviceAccount: "s")))
        #expect(made.dataPlane.packetMark == 0x539)
        #expect(try read(["PROXY_MODE": "dedicated", "PROXY_WORKLOAD_INFO": "n/w/s"]).dataPlane.packetMark == nil)
        #expect(
            problems([
                "PROXY_MODE": "dedicated", "PROXY_WORKLOAD_INFO": "n/w/s", "AMBIT_CAPTURE": "true", "PACKET_MARK": "7",
            ]) == ["PACKET_MARK=7: the capture rules need 1337 (0x539)"])
    }

    @Test func clientsAddressesAreKeptOnlyWhereRulesBringAnswersBack() throws {
        var settings = ["PROXY_MODE": "dedicated", "PROXY_WORKLOAD_INFO": "n/w/s"]
        #expect(try read(settings).dataPlane.sourceAddress == .disable)
        settings["ENABLE_ORIG_SRC"] = "true"
        #expect(try read(settings).dataPlane.sourceAddress == .require)
        settings["ENABLE_ORIG_SRC"] = nil
        settings["AMBIT_CAPTURE"] = "true"
        #expect(try read(settings).dataPlane.sourceAddress == .preserveIfPossible)
        #expect(try read([:]).dataPlane.sourceAddress == .preserveIfPossible)
    }

    @Test(arguments: [
        ("5s", Duration.seconds(5)), ("150ms", .milliseconds(150)), ("1h30m", .seconds(5400)), ("0", .zero),
        ("2m", .seconds(120)), ("10us", .microseconds(10)),
    ])
    func durationsAreRead(text: String, duration: Duration) {
        #expect(DurationText.parse(text) == duration)
    }

    @Test(arguments: ["", "5", "s", "-5s", "5x", "1.5s", "99999999999999999999s", "9223372036854775807h", " 5s"])
    func otherTextIsNoDuration(text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test func serverAddressesAreRead() {
        #expect(ServerAddress("https://[2001:db8::1]:15012")?.authority == "[2001:db8::1]:15012")
        #expect(ServerAddress("a.b")?.description == "https://a.b:15012")
        #expect(ServerAddress("https://a.b:1/")?.port == 1)
        for text in ["", "https://", "https://a/b", "https://a:b", "ftp://a", "https://[::1", "https://[::1]x"] {
            #expect(ServerAddress(text) == nil, "\(text)")
        }
    }
}
