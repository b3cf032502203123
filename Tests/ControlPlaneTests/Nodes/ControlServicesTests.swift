import ControlPlane
import Foundation
import MeshAPI
import MeshModel
import SwiftProtobuf
import Testing

@Suite("Control plane from store to node", .timeLimit(.minutes(1)))
struct ControlServicesTests {
    static let service = Resource(
        kind: .service, metadata: ResourceMetadata(name: "web", namespace: "shop"),
        spec: .object([
            "selector": .object(["app": .string("web")]),
            "ports": .array([.object(["port": .int(80), "targetPort": .string("http")])]),
        ]))

    /// The messages of a response, by name.
    static func addresses(_ response: DiscoveryClient.Response) throws -> [String: Istio_Workload_Address] {
        var result: [String: Istio_Workload_Address] = [:]
        for resource in response.resources {
            result[resource.name] = try Istio_Workload_Address(serializedBytes: resource.resource.value)
        }
        return result
    }

    @Test("an applied service and a reported workload reach a connected node, and only changes follow")
    func pipeline() async throws {
        let harness = try ControlServicesHarness()
        try await harness.apply(NodeReportTests.namespace, Self.service)
        try await harness.grant(["shop/web"])
        try await harness.run { port in
            let node = try await harness.node("host-a")
            try await DiscoveryClient.run(harness.base.client(port: port, certificate: node)) { stream in
                stream.send()
                let first = try await stream.next()
                let service = try #require(try Self.addresses(first)["shop/web.shop.svc.cluster.local"]).service
                #expect(service.addresses.count == 2)
                stream.send(nonce: first.nonce)

                #expect(try await harness.report([ControlServicesHarness.workload()], port: port) == [""])
                let second = try await stream.next()
                let uid = "Kubernetes/networking.istio.io/WorkloadEntry/shop/web-1"
                #expect(second.resources.map(\.name) == [uid])
                let workload = try #require(try Self.addresses(second)[uid]).workload
                #expect(workload.tunnelProtocol == .hbone)
                #expect(workload.node == "host-a")
                #expect(workload.services["shop/web.shop.svc.cluster.local"]?.ports.map(\.targetPort) == [8080])
                stream.send(nonce: second.nonce)

                _ = try await harness.store.delete(.service, namespace: "shop", name: "web", expecting: nil)
                let third = try await stream.next()
                #expect(third.removedResources == ["shop/web.shop.svc.cluster.local"])
                #expect(third.resources.map(\.name) == [uid], "its endpoint no longer names it")

                let status = await harness.services.statusDocument()
                let shown = try #require(status["nodes"]?.asArray?.first)
                #expect(shown["name"]?.asString == "host-a")
                #expect(shown["connectedSince"]?.asString != nil)
                #expect(shown["address"]?.asString?.hasPrefix("127.0.0.1:") == true)
                #expect(
                    shown["sync"]?.asArray?.compactMap { $0["type"]?.asString }.sorted() == [
                        "istio.security.Authorization", "istio.workload.Address",
                    ])
                #expect(status["authority"]?["notAfter"]?.asString != nil)
            }
        }
    }

    @Test("a policy reaches a node as an L4 policy, and its warning the status")
    func policies() async throws {
        let harness = try ControlServicesHarness()
        let spec = try JSONValue(
            parsing: #"{"action":"DENY","rules":[{"to":[{"operation":{"ports":["80"],"methods":["GET"]}}]}]}"#.utf8)
        try await harness.apply(
            NodeReportTests.namespace,
            Resource(
                kind: .authorizationPolicy, metadata: ResourceMetadata(name: "deny", namespace: "shop"), spec: spec))
        try await harness.run { port in
            let node = try await harness.node("host-a")
            try await DiscoveryClient.run(harness.base.client(port: port, certificate: node)) { stream in
                stream.send(type: DiscoveryType.authorization.rawValue)
                let first = try await stream.next()
                #expect(first.resources.map(\.name) == ["shop/deny"])
                let bytes = try #require(first.resources.first).resource.value
                let policy = try Istio_Security_Authorization(serializedBytes: bytes)
                #expect(policy.action == .deny)
                #expect(policy.groups.first?.rules.first?.matches.first?.destinationPorts == [80])
                let warnings = await harness.services.statusDocument()["warnings"]?.asArray
                #expect(warnings?.first?["message"]?.asString?.contains("methods") == true)
            }
        }
    }

    @Test("after a restart on the same state a node gets nothing again, and addresses are the same")
    func restart() async throws {
        let directory = try TemporaryDirectory()
        let before = try ControlServicesHarness(directory: directory, isDurable: true)
        try await before.apply(NodeReportTests.namespace, Self.service)
        try await before.grant(["shop/web"])
        let node = try await before.node("host-a")
        let held = Versions()
        try await before.run { port in
            #expect(try await before.report([ControlServicesHarness.workload()], port: port) == [""])
            try await DiscoveryClient.run(before.base.client(port: port, certificate: node)) { stream in
                var versions: [String: String] = [:]
                stream.send()
                while versions.count < 2 {
                    let response = try await stream.next()
                    for resource in response.resources { versions[resource.name] = resource.version }
                    stream.send(nonce: response.nonce)
                }
                await held.set(versions)
            }
        }
        let after = try ControlServicesHarness(directory: directory, isDurable: true)
        #expect(after.base.authority.rootsPEM == before.base.authority.rootsPEM)
        try await after.run { port in
            try await DiscoveryClient.run(after.base.client(port: port, certificate: node)) { stream in
                stream.send(initial: await held.value)
                let first = try await stream.next()
                #expect(first.resources.isEmpty)
                #expect(first.removedResources.isEmpty)
            }
            #expect(try await StoredNodeGrants(store: after.store).grants(of: "host-a").count == 1)
        }
    }

    /// What the node holds, carried from one server to the next.
    actor Versions {
        private(set) var value: [String: String] = [:]

        func set(_ value: [String: String]) { self.value = value }
    }
}
