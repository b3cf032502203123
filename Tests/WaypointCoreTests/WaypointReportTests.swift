import MeshAPI
import MeshModel
import NodeCore
import Testing
import WaypointCore

@Suite struct WaypointReportTests {
    private static let required = [
        "AMBIT_WAYPOINT": "waypoint.shop", "XDS_ADDRESS": "https://10.0.0.1:15012", "XDS_ROOT_CA": "/roots",
        "CA_ADDRESS": "https://10.0.0.1:15012", "CA_ROOT_CA": "/roots", "AMBIT_NODE_CERT": "/c", "AMBIT_NODE_KEY": "/k",
    ]

    private func read(_ more: [String: String] = [:]) throws -> WaypointConfiguration {
        try WaypointConfiguration.read(Self.required.merging(more) { $1 }, cores: 2)
    }

    @Test(arguments: ["waypoint.shop", "shop/waypoint"])
    func theServiceIsReadInBothForms(_ text: String) throws {
        let configuration = try read(["AMBIT_WAYPOINT": text])
        #expect(configuration.namespace == "shop" && configuration.name == "waypoint")
        #expect(configuration.serviceAccount == "waypoint")
    }

    @Test(arguments: ["", "shop", "a.b.c", "a/b/c", "/b", "b.", "/"])
    func anythingElseIsRefused(_ text: String) {
        #expect(throws: ConfigurationFailure.self) { try read(["AMBIT_WAYPOINT": text]) }
    }

    @Test func aGatewayIsNamedByAVariableOfItsOwn() throws {
        var variables = Self.required
        variables["AMBIT_WAYPOINT"] = nil
        variables["AMBIT_GATEWAY"] = "istio-ingressgateway.istio-system"
        let made = try WaypointConfiguration.read(variables, cores: 2)
        #expect(made.role == .gateway && made.namespace == "istio-system" && made.name == "istio-ingressgateway")
        #expect(made.serviceAccount == "istio-ingressgateway" && made.stateDirectory == "/var/lib/ambit-gateway")
        #expect(try read().role == .waypoint)
        #expect(throws: ConfigurationFailure.self) { try read(["AMBIT_GATEWAY": "a.b"]) }
        let report = WaypointReport(
            made, node: "host-2", addresses: [], port: 15_108, isHealthy: true, isLeaving: false,
            labels: ["istio": "in", "ambit.io/node": "other", "gateway.networking.k8s.io/gateway-name": "other"])
        let labels = report.message.workload.labels
        #expect(labels["istio"] == "in" && labels["ambit.io/node"] == nil)
        #expect(labels["gateway.networking.k8s.io/gateway-name"] == "istio-ingressgateway")
    }

    @Test func boundsAreOfAWorkerOrOfTheProcess() throws {
        #expect(try read().limits.connections == 65_536)
        #expect(try read(["AMBIT_MAX_CONNECTIONS": "10"]).limits.connections == 10)
        #expect(try read().limits.heldBytes == 256 << 20)
        let made = try read(["AMBIT_MAX_HELD_BYTES": "8388608", "AMBIT_WORKER_THREADS": "4"])
        #expect(made.limits.heldBytes == 2 << 20)
        #expect(throws: ConfigurationFailure.self) { try read(["AMBIT_MAX_HELD_BYTES": "0"]) }
        #expect(throws: ConfigurationFailure.self) { try read(["AMBIT_MAX_CONNECTIONS": "0"]) }
    }

    @Test func portsAreFixedOrFound() throws {
        #expect(try read().port == .fixed(15_008))
        #expect(try read(["AMBIT_HBONE_PORT": "auto"]).port == .automatic)
        #expect(try read(["AMBIT_HBONE_PORT": "9"]).port == .fixed(9))
        #expect(try read().readinessPort == 15_021)
        #expect(try read(["AMBIT_READINESS_PORT": "0"]).readinessPort == nil)
        for (name, value) in [("AMBIT_HBONE_PORT", "0"), ("AMBIT_HBONE_PORT", "any"), ("AMBIT_HOST_ADDRESSES", "host")]
        {
            #expect(throws: ConfigurationFailure.self) { try read([name: value]) }
        }
    }

    @Test func theReportNamesTheHostAndItsPort() throws {
        let address = try #require(IPAddress("10.0.0.7"))
        var report = WaypointReport(
            try read(), node: "host-2", addresses: [address], port: 15_108, isHealthy: true, isLeaving: false)
        let message = report.message
        #expect(message.node == "host-2" && message.waypoint == "shop/waypoint")
        #expect(message.workload.name == "waypoint.host-2" && message.workload.namespace == "shop")
        #expect(message.workload.ports == ["hbone": 15_108] && message.workload.addresses == ["10.0.0.7"])
        #expect(message.workload.labels["gateway.networking.k8s.io/gateway-name"] == "waypoint")
        #expect(message.workload.hostNetwork && message.workload.healthy && message.workload.problems.isEmpty)
        report.problems = (0...ReportedProblems.countLimit).map { "server \($0)" }
        #expect(report.message.workload.problems.count == ReportedProblems.countLimit)
        #expect(report.message.workload.problems.last == "and 2 more")
        report.isLeaving = true
        #expect(!report.message.hasWorkload && report.message.waypoint == "shop/waypoint")
    }
}
