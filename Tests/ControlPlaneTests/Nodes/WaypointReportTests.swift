import ControlPlane
import Foundation
import GRPCCore
import MeshAPI
import MeshModel
import Testing

/// Waypoints report themselves beside the ztunnel of their host.
@Suite("ReportWaypoint over gRPC", .timeLimit(.minutes(1)))
struct WaypointReportTests {
    private static func replica(_ name: String = "waypoint-host-a", account: String = "waypoint")
        -> Ambit_Node_V1_Workload
    {
        var workload = ControlServicesHarness.workload(name)
        workload.serviceAccount = account
        workload.labels = ["gateway.networking.k8s.io/gateway-name": "waypoint"]
        workload.ports = ["hbone": 15_108]
        workload.hostNetwork = true
        return workload
    }

    private func harness(_ grants: [String] = ["shop/web", "shop/waypoint"]) async throws -> ControlServicesHarness {
        let harness = try ControlServicesHarness()
        try await harness.apply(NodeReportTests.namespace)
        try await harness.grant(grants)
        return harness
    }

    @Test("neither the list of ztunnel nor the report of another waypoint takes an entry away; leaving does")
    func life() async throws {
        let harness = try await harness()
        try await harness.run { port in
            func names() async throws -> [String] { try await harness.entries().map(\.metadata.name).sorted() }
            #expect(try await harness.report([ControlServicesHarness.workload()], port: port) == [""])
            #expect(try await harness.report(waypoint: "shop/waypoint", Self.replica(), port: port) == [""])
            #expect(try await names() == ["waypoint-host-a", "web-1"])
            let entry = try #require(try await harness.entries().first { $0.metadata.name == "waypoint-host-a" })
            #expect(entry.metadata.labels["ambit.io/node"] == "host-a")
            #expect(entry.metadata.annotations["ambit.io/waypoint"] == "shop/waypoint")
            #expect(try WorkloadEntrySpec(entry.object).ports == ["hbone": 15_108])

            #expect(try await harness.report(waypoint: "shop/other", nil, port: port) == [])
            #expect(try await harness.report([], port: port) == [])
            #expect(try await names() == ["waypoint-host-a"])
            #expect(try await harness.report([ControlServicesHarness.workload()], port: port) == [""])
            #expect(try await harness.report(waypoint: "shop/waypoint", nil, port: port) == [])
            #expect(try await names() == ["web-1"])
        }
    }

    @Test("problems become a condition, bounded, that is True once they are gone; times are those of changes")
    func problems() async throws {
        let harness = try await harness()
        try await harness.run { port in
            func conditions() async throws -> [JSONValue] {
                try await harness.entries().first?.object["status"]?["conditions"]?.asArray ?? []
            }
            var replica = Self.replica()
            #expect(try await harness.report(waypoint: "shop/waypoint", replica, port: port) == [""])
            #expect(try await conditions().map { $0["type"]?.asString } == ["Healthy"])
            replica.problems = ["port 80 cannot be opened: EADDRINUSE", "no\u{7}bell"]
            #expect(try await harness.report(waypoint: "shop/waypoint", replica, port: port) == [""])
            let failing = try await conditions()
            #expect(failing.map { $0["type"]?.asString } == ["Healthy", "ServersReady"])
            #expect(failing.map { $0["status"]?.asString } == ["True", "False"])
            #expect(failing.last?["message"]?.asString == "port 80 cannot be opened: EADDRINUSE; no bell")
            let version = try await harness.entries().first?.metadata.resourceVersion
            #expect(try await harness.report(waypoint: "shop/waypoint", replica, port: port) == [""])
            #expect(try await harness.entries().first?.metadata.resourceVersion == version)
            replica.problems = (0..<1_000).map { "server \($0)" }
            #expect(try await harness.report(waypoint: "shop/waypoint", replica, port: port) == [""])
            let many = try await conditions()
            #expect(many.last?["message"]?.asString?.hasSuffix("; server 14; and 985 more") == true)
            #expect(many.last?["lastTransitionTime"] == failing.last?["lastTransitionTime"])
            replica.problems = []
            #expect(try await harness.report(waypoint: "shop/waypoint", replica, port: port) == [""])
            #expect(try await conditions().map { $0["status"]?.asString } == ["True", "True"])
        }
    }

    @Test("an identity that the node was not granted, another namespace and another reporter's name are refused")
    func refusals() async throws {
        let harness = try await harness(["shop/web", "prod/waypoint"])
        try await harness.run { port in
            let denied = try await harness.report(waypoint: "shop/waypoint", Self.replica(), port: port)
            #expect(denied.first?.contains("ambitctl node allow host-a shop/waypoint") == true, "\(denied)")
            let elsewhere = try await harness.report(
                waypoint: "prod/waypoint", Self.replica(account: "web"), port: port)
            #expect(elsewhere.first?.contains("namespace shop") == true, "\(elsewhere)")
            #expect(try await harness.report([ControlServicesHarness.workload("taken")], port: port) == [""])
            let taken = try await harness.report(
                waypoint: "shop/waypoint", Self.replica("taken", account: "web"), port: port)
            #expect(taken.first?.contains("reported by its ztunnel") == true, "\(taken)")
            #expect(try await harness.entries().map(\.metadata.name) == ["taken"])
        }
    }

    @Test("a waypoint that is no namespace/name is INVALID_ARGUMENT", arguments: ["", "shop", "shop/", "a/b/c", "A/b"])
    func names(_ name: String) async throws {
        let harness = try await harness()
        try await harness.run { port in
            let error = await #expect(throws: RPCError.self) {
                try await harness.report(waypoint: name, Self.replica(), port: port)
            }
            #expect(error?.code == .invalidArgument)
        }
    }
}
