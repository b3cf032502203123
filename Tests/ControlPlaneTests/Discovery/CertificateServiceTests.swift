import ControlPlane
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import GRPCProtobuf
import MeshAPI
import SwiftASN1
import SwiftProtobuf
import Testing
import X509

@Suite("CreateCertificate over gRPC", .timeLimit(.minutes(1)))
struct CertificateServiceTests {
    static func create(
        _ harness: ControlServerHarness, port: Int, node: String, csr: String, identity: String?
    ) async throws -> [String] {
        try await create(harness, port: port, with: try await harness.node(node), csr: csr, identity: identity)
    }

    static func create(
        _ harness: ControlServerHarness, port: Int, with certificate: IssuedCertificate, csr: String, identity: String?
    ) async throws -> [String] {
        let client = try harness.client(port: port, certificate: certificate)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await client.runConnections() }
            defer { group.cancelAll() }
            var request = CertificateService.Request()
            request.csr = csr
            request.validityDuration = 3_600
            if let identity { request.metadata.fields["ImpersonatedIdentity"] = .init(stringValue: identity) }
            let response = try await client.unary(
                request: ClientRequest(message: request),
                descriptor: MethodDescriptor(
                    fullyQualifiedService: "istio.v1.auth.IstioCertificateService", method: "CreateCertificate"),
                serializer: ProtobufSerializer<CertificateService.Request>(),
                deserializer: ProtobufDeserializer<CertificateService.Response>(), options: .defaults
            ) { try $0.message }
            client.beginGracefulShutdown()
            return response.certChain
        }
    }

    static let identity = "spiffe://cluster.local/ns/shop/sa/web"
    static let grants = ["host-a": [NodeGrant("shop/web"), NodeGrant("batch/*")].compactMap(\.self)]

    @Test(
        "a granted identity is signed",
        arguments: [
            ("spiffe://cluster.local/ns/shop/sa/web", true), ("spiffe://cluster.local/ns/batch/sa/anything", true),
            ("spiffe://cluster.local/ns/shop/sa/web", false),
        ])
    func granted(identity: String, isStated: Bool) async throws {
        let harness = try ControlServerHarness()
        let csr = try OpenSSL.request(names: "URI:\(identity)", in: harness.directory)
        try await harness.serve(grants: Self.grants) { port in
            let chain = try await Self.create(
                harness, port: port, node: "host-a", csr: csr, identity: isStated ? identity : nil)
            #expect(chain.count == 2)
            let leaf = try Certificate(pemEncoded: chain[0])
            #expect(try leaf.extensions.subjectAlternativeNames?.first == .uniformResourceIdentifier(identity))
            #expect(harness.metrics.value(.issuances) == 1)
            #expect(harness.registry.nodes.first?.certificates[identity] == leaf.notValidAfter)
        }
    }

    @Test(
        "what was not granted is PERMISSION_DENIED, counted, and says what would help",
        arguments: [
            ("host-a", "spiffe://cluster.local/ns/shop/sa/admin", "grant"),
            ("host-a", "spiffe://cluster.local/ns/prod/sa/web", "grant"),
            ("host-b", "spiffe://cluster.local/ns/shop/sa/web", "grant"),
            ("host-a", "spiffe://other.domain/ns/shop/sa/web", "name"),
            ("host-a", "spiffe://cluster.local/ambit/node/host-b", "name"),
            ("host-a", "cluster.local/ns/shop/sa/web", "name"),
        ])
    func refused(node: String, identity: String, reason: String) async throws {
        let harness = try ControlServerHarness()
        let csr = try OpenSSL.request(names: "URI:\(identity)", in: harness.directory)
        try await harness.serve(grants: Self.grants) { port in
            for stated in [identity, nil] {
                let error = await #expect(throws: RPCError.self) {
                    try await Self.create(harness, port: port, node: node, csr: csr, identity: stated)
                }
                #expect(error?.code == .permissionDenied)
                #expect(error?.message.contains(identity) == true)
            }
            #expect(harness.metrics.value(.refusals, label: "reason", value: reason) == 2)
            #expect(harness.metrics.value(.issuances) == 0)
            #expect(harness.registry.nodes.first?.lastError?.isEmpty == false)
        }
    }

    @Test("a request for another name than the stated identity, and a broken one, are refused")
    func mismatch() async throws {
        let harness = try ControlServerHarness()
        let other = try OpenSSL.request(names: "URI:spiffe://cluster.local/ns/batch/sa/job", in: harness.directory)
        try await harness.serve(grants: Self.grants) { port in
            let mismatch = await #expect(throws: RPCError.self) {
                try await Self.create(harness, port: port, node: "host-a", csr: other, identity: Self.identity)
            }
            #expect(mismatch?.code == .permissionDenied)
            let broken = await #expect(throws: RPCError.self) {
                try await Self.create(harness, port: port, node: "host-a", csr: "hello", identity: Self.identity)
            }
            #expect(broken?.code == .invalidArgument)
        }
    }
}
