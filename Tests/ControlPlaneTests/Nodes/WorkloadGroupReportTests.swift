import ControlPlane
import MeshAPI
import MeshModel
import SwiftProtobuf
import Testing

/// What a WorkloadGroup does to a report: template, probe, and whose word about health counts.
@Suite struct WorkloadGroupReportTests {
    private static let grants = [NodeGrant("shop/*")].compactMap(\.self)

    private static func group(probe: Bool = true, generation: Int64 = 1, account: String = "web") -> Resource {
        var spec: JSONValue = .object([
            "metadata": .object(["labels": .object(["tier": .string("front"), "app": .string("group")])]),
            "template": .object([
                "serviceAccount": .string(account), "ports": .object(["http": .int(8080)]), "weight": .int(3),
                "locality": .string("eu/a"), "labels": .object(["version": .string("v2")]),
            ]),
        ])
        if probe { spec["probe"] = .object(["tcpSocket": .object(["port": .int(8080)]), "failureThreshold": .int(2)]) }
        var metadata = ResourceMetadata(name: "web", namespace: "shop")
        metadata.uid = "u-1"
        metadata.generation = generation
        return Resource(kind: .workloadGroup, metadata: metadata, spec: spec)
    }

    private static func workload(version: String = "", healthy: Bool = true) -> Ambit_Node_V1_Workload {
        .with {
            $0.name = "web-1"
            $0.namespace = "shop"
            $0.serviceAccount = "web"
            $0.addresses = ["10.0.0.1"]
            $0.labels = ["app": "web"]
            $0.group = "web"
            $0.healthy = healthy
            $0.probeVersion = version
        }
    }

    private static func plan(
        _ workload: Ambit_Node_V1_Workload, groups: [Resource], entries: [Resource] = []
    ) -> WorkloadReportPlan {
        WorkloadReportPlan(
            [workload], node: "host-a", grants: grants, entries: entries, groups: groups,
            taken: TakenAddresses(entries, except: "host-a"), time: "2026-01-01T00:00:00Z")
    }

    private static func health(_ entry: Resource?) -> String? {
        entry?.object["status"]?["conditions"]?.asArray?.first?["status"]?.asString
    }

    @Test func theTemplateFillsWhatTheEnrolmentLeavesOpen() throws {
        let plan = Self.plan(Self.workload(), groups: [Self.group()])
        let entry = try #require(plan.creations.first)
        let spec = try WorkloadEntrySpec(entry.object)
        #expect(spec.labels == ["app": "web", "tier": "front", "version": "v2"])
        #expect(spec.ports == ["http": 8080] && spec.weight == 3 && spec.locality == "eu/a")
        #expect(entry.metadata.annotations["istio.io/autoRegistrationGroup"] == "web")
        #expect(plan.refusals == [nil])
        var own = Self.workload()
        own.ports = ["api": 9090]
        own.weight = 1
        let kept = try WorkloadEntrySpec(try #require(Self.plan(own, groups: [Self.group()]).creations.first).object)
        #expect(kept.ports == ["api": 9090] && kept.weight == 1)
        own.ports = ["tcp-8080": 8080, "tcp-9100": 9100]
        let found = try WorkloadEntrySpec(try #require(Self.plan(own, groups: [Self.group()]).creations.first).object)
        #expect(found.ports == ["http": 8080, "tcp-9100": 9100])
    }

    @Test func everyMethodSurvivesTheWire() {
        for method: ReadinessProbe.Method in [
            .httpGet(
                .init(path: "/a", port: 1, host: "10.0.0.1", isTLS: true, headers: [.init(name: "A", value: "b")])),
            .tcpSocket(port: 2, host: "localhost"), .grpc(port: 3, service: "x"),
            .exec(command: ["/bin/x", "", "a b\n"]),
        ] {
            let probe = ReadinessProbe(method, timeoutSeconds: 4)
            #expect(ReadinessProbe(Ambit_Node_V1_Probe(probe, version: "1")) == probe)
        }
        #expect(ReadinessProbe(Ambit_Node_V1_Probe.with { $0.exec = .with { $0.command = [""] } }) == nil)
        #expect(ReadinessProbe(Ambit_Node_V1_Probe.with { $0.exec = .init() }) == nil)
    }

    @Test func theProbeGoesToTheNode() throws {
        let probe = try #require(Self.plan(Self.workload(), groups: [Self.group(generation: 4)]).probes.first ?? nil)
        #expect(probe.version == "u-1/4" && probe.tcpSocket.port == 8080)
        #expect(probe.failureThreshold == 2 && probe.periodSeconds == 10)
        #expect(ReadinessProbe(probe) == ReadinessProbe(.tcpSocket(port: 8080, host: ""), failureThreshold: 2))
        #expect(Self.plan(Self.workload(), groups: [Self.group(probe: false)]).probes == [nil])
    }

    @Test func aGroupThatIsNotThereOrOfAnotherAccountIsRefused() {
        let missing = Self.plan(Self.workload(), groups: [])
        #expect(missing.refusals.first??.contains("WorkloadGroup shop/web does not exist") == true)
        let other = Self.plan(Self.workload(), groups: [Self.group(account: "admin")])
        #expect(other.refusals.first??.contains("enrol it again with --service-account admin") == true)
        #expect(missing.creations.isEmpty && other.creations.isEmpty)
        var wrong = Self.workload()
        wrong.group = "../x"
        #expect(Self.plan(wrong, groups: []).refusals.first??.contains("is not the name of a WorkloadGroup") == true)
    }

    /// What the node says, what the entry said before, what it says then.
    @Test(
        arguments: [
            // No outcome yet: a new workload is not ready, a known one stays what it was.
            (true, "", nil, "False"), (true, "", "True", "True"), (true, "", "False", "False"),
            // An outcome of the probe that holds.
            (true, "u-1/2", nil, "True"), (true, "u-1/2", "False", "True"), (false, "u-1/2", "True", "False"),
            // An outcome of what the group said before: the good one does not count.
            (true, "u-1/1", "False", "False"), (true, "u-1/1", "True", "True"), (false, "u-1/1", "True", "False"),
            // Not served, or drained.
            (false, "", "True", "False"),
        ] as [(Bool, String, String?, String)])
    func whoseWordCounts(healthy: Bool, version: String, before: String?, expected: String) throws {
        let group = Self.group(generation: 2)
        var entries: [Resource] = []
        if let before {
            var first = Self.workload(version: "u-1/2", healthy: before == "True")
            first.labels["old"] = "yes"
            entries = Self.plan(first, groups: [group]).creations
            #expect(Self.health(entries.first) == before)
        }
        let plan = Self.plan(Self.workload(version: version, healthy: healthy), groups: [group], entries: entries)
        #expect(Self.health(plan.creations.first ?? plan.updates.first) == expected)
    }

    @Test func withoutAProbeTheNodeAloneDecides() {
        let plan = Self.plan(Self.workload(), groups: [Self.group(probe: false)])
        #expect(Self.health(plan.creations.first) == "True")
    }
}
