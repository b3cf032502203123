import ControlPlane
import Foundation
import GRPCCore
import MeshAPI
import MeshModel
import SwiftProtobuf
import Testing

@Suite("A node from its first certificate to its end, over gRPC", .timeLimit(.minutes(1)))
struct NodeLifeTests {
    /// Asks for a certificate with `certificate`; the chain.
    static func create(
        _ harness: ControlServicesHarness, port: Int, with certificate: IssuedCertificate, identity: String
    ) async throws -> [String] {
        try await CertificateServiceTests.create(
            harness.base, port: port, with: certificate,
            csr: try OpenSSL.request(names: "URI:\(identity)", in: try TemporaryDirectory()), identity: identity)
    }

    @Test(
        "a revoked node's stream ends, its entries go, its certificates reach peers as revoked, and nothing is given to it"
    )
    func revocation() async throws {
        let harness = try JoinHarness()
        let services = harness.services
        try await services.apply(NodeReportTests.namespace)
        try await services.grant(["shop/web"])
        try await services.run { port in
            let node = try await services.node("host-a")
            let watcher = try await services.node("host-b")
            let web = "spiffe://cluster.local/ns/shop/sa/web"
            let chain = try await Self.create(services, port: port, with: node, identity: web)
            #expect(try await services.report([ControlServicesHarness.workload()], port: port, with: node) == [""])
            try await DiscoveryClient.run(services.base.client(port: port, certificate: watcher)) { peer in
                peer.send(type: DiscoveryType.revocation.rawValue)
                let none = try await peer.next()
                #expect(none.resources.isEmpty)
                peer.send(type: DiscoveryType.revocation.rawValue, nonce: none.nonce)
                try await DiscoveryClient.run(services.base.client(port: port, certificate: node)) { stream in
                    stream.send()
                    _ = try await stream.next()
                    let answer = await harness.call("POST", "/ambit/v1/nodes/host-a/revoke")
                    #expect(answer.status == 200)
                    #expect(answer.document["workloads"]?.asInt == 1)
                    let error = await #expect(throws: RPCError.self) {
                        // What was on its way may come first.
                        while true { _ = try await stream.next() }
                    }
                    #expect(error?.code == .permissionDenied)
                    #expect(error?.message.contains("host-a was revoked") == true)
                }
                let list = try await peer.next()
                let revoked = try Ambit_Security_V1_Revocation(serializedBytes: list.resources[0].resource.value)
                #expect(revoked.node == "host-a")
                #expect(revoked.serials == [try SerialNumber.text(ofPEM: chain[0])])
            }
            #expect(try await services.entries() == [])
            let certificate = await #expect(throws: RPCError.self) {
                try await Self.create(services, port: port, with: node, identity: web)
            }
            #expect(certificate?.code == .permissionDenied)
            let renewal = await #expect(throws: RPCError.self) {
                try await Self.create(
                    services, port: port, with: node, identity: "spiffe://cluster.local/ambit/node/host-a")
            }
            #expect(renewal?.code == .permissionDenied)
            let report = await #expect(throws: RPCError.self) {
                try await services.report([ControlServicesHarness.workload()], port: port, with: node)
            }
            #expect(report?.code == .permissionDenied)
            #expect(services.services.metricsText().contains("ambit_control_refusals_total{reason=\"revoked\"}"))
            #expect(services.services.metricsText().contains("ambit_control_revoked_certificates 1"))
        }
    }

    @Test("a node renews its own certificate and nobody else's, and keeps its grants")
    func renewal() async throws {
        let harness = try JoinHarness()
        let services = harness.services
        try await services.grant(["shop/web"])
        try await services.run { port in
            let node = try await services.node("host-a")
            let uri = "spiffe://cluster.local/ambit/node/host-a"
            let chain = try await Self.create(services, port: port, with: node, identity: uri)
            let serial = try SerialNumber.text(ofPEM: chain[0])
            let shown = await harness.call("GET", "/ambit/v1/nodes/host-a").document
            #expect(
                shown["nodeCertificates"]?.asArray?.compactMap { $0["serial"]?.asString } == [
                    node.serialNumber, serial,
                ])
            #expect(shown["grants"]?.strings == ["shop/web"])
            #expect(services.services.metricsText().contains("ambit_control_node_renewals_total 1"))
            for other in ["spiffe://cluster.local/ambit/node/host-b", "spiffe://cluster.local/ns/shop/sa/admin"] {
                let error = await #expect(throws: RPCError.self) {
                    try await Self.create(services, port: port, with: node, identity: other)
                }
                #expect(error?.code == .permissionDenied)
            }
        }
    }

    @Test("an expired certificate ends the stream that it opened, with the reason")
    func expiry() async throws {
        let harness = try ControlServicesHarness(nodeLifetime: 2)
        try await harness.run { port in
            let node = try await harness.node("host-a")
            try await DiscoveryClient.run(harness.base.client(port: port, certificate: node)) { stream in
                stream.send()
                let error = await #expect(throws: RPCError.self) { while true { _ = try await stream.next() } }
                #expect(error?.message.contains("has expired") == true)
            }
        }
    }

    @Test("addresses of services, of other nodes and of entries written by hand are refused by name")
    func addresses() async throws {
        let harness = try ControlServicesHarness()
        try await harness.apply(
            NodeReportTests.namespace,
            Resource(
                kind: .service, metadata: ResourceMetadata(name: "vip", namespace: "shop"),
                spec: .object(["clusterIP": .string("10.96.0.1"), "ports": .array([.object(["port": .int(80)])])])))
        try await harness.grant(["shop/web"])
        try await harness.run { port in
            let reported = ["10.96.0.1", "240.240.0.1", "169.254.169.254", "224.0.0.1", "10.0.0.1"]
            let errors = try await harness.report(
                reported.enumerated().map {
                    ControlServicesHarness.workload("w-\($0.offset)", addresses: [$0.element])
                },
                port: port)
            for (error, word) in zip(
                errors,
                ["Service shop/vip", "automatic addresses", "other hosts can reach", "other hosts can reach", ""])
            {
                #expect(word.isEmpty ? error.isEmpty : error.contains(word), "\(error) lacks \(word)")
            }
            #expect(try await harness.entries().map(\.metadata.name) == ["w-4"])
        }
    }

    @Test("what a node may not host any more leaves the endpoints")
    func disallowing() async throws {
        let harness = try JoinHarness()
        let services = harness.services
        try await services.apply(NodeReportTests.namespace)
        try await services.grant(["shop/web", "shop/db"])
        try await services.run { port in
            let node = try await services.node("host-a")
            #expect(try await services.report([ControlServicesHarness.workload()], port: port, with: node) == [""])
            let answer = await harness.call("POST", "/ambit/v1/nodes/host-a/grants", #"{"disallow":["shop/web"]}"#)
            #expect(answer.document["grants"]?.strings == ["shop/db"])
            #expect(try await services.entries() == [])
            let errors = try await services.report([ControlServicesHarness.workload()], port: port, with: node)
            #expect(errors[0].contains("may not host shop/web"))
            #expect(await harness.call("DELETE", "/ambit/v1/nodes/host-a").status == 200)
            #expect(await harness.call("GET", "/ambit/v1/nodes/host-a").status == 404)
        }
    }
}
