import ControlPlane
import Foundation
import GRPCCore
import MeshAPI
import MeshModel
import Testing

@Suite("ReportWorkloads over gRPC", .timeLimit(.minutes(1)))
struct NodeReportTests {
    static let namespace = Resource(kind: .namespace, metadata: ResourceMetadata(name: "shop"))

    @Test(
        "a granted workload becomes an entry, a change updates it, the same report changes nothing, a missing one is deleted"
    )
    func life() async throws {
        let harness = try ControlServicesHarness()
        try await harness.apply(Self.namespace)
        try await harness.grant(["shop/web"])
        try await harness.run { port in
            var workload = ControlServicesHarness.workload(addresses: ["10.0.0.1", "fd00::1"])
            #expect(try await harness.report([workload], port: port) == [""])
            let created = try #require(try await harness.entries().first)
            #expect(created.metadata.labels == ["app": "web", "ambit.io/node": "host-a"])
            #expect(created.metadata.annotations["ambit.io/addresses"] == "fd00::1")
            let spec = try WorkloadEntrySpec(created.object)
            #expect(spec.address == "10.0.0.1")
            #expect(spec.serviceAccount == "web")
            #expect(spec.ports == ["http": 8080])

            #expect(try await harness.report([workload], port: port) == [""])
            #expect(try await harness.entries().first == created)

            workload.healthy = false
            workload.weight = 3
            workload.hostNetwork = true
            #expect(try await harness.report([workload], port: port) == [""])
            let updated = try #require(try await harness.entries().first)
            #expect(updated.metadata.uid == created.metadata.uid)
            #expect(try WorkloadEntrySpec(updated.object).weight == 3)
            #expect(updated.metadata.annotations["ambit.io/host-network"] == "true")
            #expect(updated.object["status"]?["conditions"]?.asArray?.first?["status"]?.asString == "False")

            #expect(try await harness.report([], port: port) == [])
            #expect(try await harness.entries() == [])
        }
    }

    @Test("each refusal is told for its workload, counted, and leaves the others alone")
    func refusals() async throws {
        let harness = try ControlServicesHarness()
        try await harness.apply(Self.namespace)
        try await harness.grant(["shop/web", "void/web"])
        try await harness.run { port in
            func changed(_ name: String, _ body: (inout Ambit_Node_V1_Workload) -> Void) -> Ambit_Node_V1_Workload {
                var workload = ControlServicesHarness.workload(name, addresses: ["10.0.1.1"])
                body(&workload)
                return workload
            }
            let errors = try await harness.report(
                [
                    ControlServicesHarness.workload("good"), changed("a") { $0.serviceAccount = "admin" },
                    changed("b") { $0.namespace = "prod" }, changed("c") { $0.namespace = "void" },
                    changed("d") { $0.addresses = [] }, changed("e") { $0.addresses = ["127.0.0.1"] },
                    changed("f") { $0.addresses = ["nonsense"] }, changed("G") { _ in },
                    changed("h") { $0.ports = ["x": 70_000] },
                    changed("i") { $0.labels["ambit.io/node"] = "host-b" }, changed("j") { $0.locality = "a/b/c/d" },
                    ControlServicesHarness.workload("good"),
                ], port: port)
            let words = [
                "", "may not host shop/admin", "may not host prod/web", "namespace void does not exist",
                "no IP address",
                "127.0.0.1", "nonsense", "\"G\"", "70000", "ambit.io/node", "a/b/c/d", "twice",
            ]
            #expect(errors.count == words.count)
            for (error, word) in zip(errors, words) {
                #expect(word.isEmpty ? error.isEmpty : error.contains(word), "\(error) lacks \(word)")
            }
            #expect(try await harness.entries().map(\.metadata.name) == ["good"])
            #expect(harness.services.metricsText().contains("ambit_control_refusals_total{reason=\"workload\"} 11"))
        }
    }

    @Test("a node takes neither another's name nor another's address, also of entries written by hand")
    func others() async throws {
        let harness = try ControlServicesHarness()
        try await harness.apply(
            Self.namespace,
            Resource(
                kind: .workloadEntry, metadata: ResourceMetadata(name: "db", namespace: "shop"),
                spec: .object(["address": .string("10.9.9.9")])))
        try await harness.grant(["shop/web"], to: "host-a")
        try await harness.grant(["shop/web"], to: "host-b")
        try await harness.run { port in
            #expect(try await harness.report([ControlServicesHarness.workload()], port: port) == [""])
            let errors = try await harness.report(
                [
                    ControlServicesHarness.workload("web-1", addresses: ["10.0.0.2"]),
                    ControlServicesHarness.workload("thief", addresses: ["10.0.0.3", "10.0.0.1"]),
                    ControlServicesHarness.workload("db", addresses: ["10.0.0.4"]),
                    ControlServicesHarness.workload("sink", addresses: ["10.9.9.9"]),
                ], port: port, node: "host-b")
            #expect(errors[0].contains("belongs to node host-a"))
            #expect(errors[1].contains("10.0.0.1 belongs to WorkloadEntry shop/web-1 on node host-a"))
            #expect(errors[2].contains("an administrator"))
            #expect(errors[3].contains("shop/db"))
            #expect(try await harness.entries().count == 2)
        }
    }

    @Test("a report for another node is PERMISSION_DENIED")
    func impersonation() async throws {
        let harness = try ControlServicesHarness()
        try await harness.run { port in
            let error = await #expect(throws: RPCError.self) {
                try await harness.report([], port: port, node: "host-a", as: "host-b")
            }
            #expect(error?.code == .permissionDenied)
        }
    }

    @Test(
        "grants are stored whole, read anew each time, and cover wildcards",
        arguments: ["a/b", "a", "a/b/c", "A/b", "*/x", "/"])
    func grants(text: String) async throws {
        let harness = try ControlServicesHarness()
        let isValid = ["a/b", "*/x"].contains(text)
        #expect((NodeGrant(text) != nil) == isValid)
        let grants = StoredNodeGrants(store: harness.store)
        #expect(try await grants.grants(of: "host-a") == [])
        try await harness.grant([text, "shop/*"])
        #expect(try await grants.grants(of: "host-a").count == (isValid ? 2 : 1))
        try await harness.grant([])
        #expect(try await grants.grants(of: "host-a") == [])
    }
}
