import Foundation
import MeshAPI
import NodeCore
import SwiftProtobuf
import Testing
import ZtunnelCore

/// Lists of revoked certificates as they arrive and are looked up.
@Suite struct RevokedCertificatesTests {
    @Test func aSerialLeadsToItsNode() {
        let revoked = RevokedCertificates([(node: "a", serials: ["01", "02"]), (node: "b", serials: ["03"])])
        #expect(revoked.count == 3)
        #expect(revoked.node(ofRevoked: "02") == "a")
        #expect(revoked.node(ofRevoked: "03") == "b")
        #expect(revoked.node(ofRevoked: "04") == nil)
        #expect(RevokedCertificates().node(ofRevoked: "") == nil)
    }

    @Test func anUpdateIsReadWholeOrRefused() throws {
        var response = Envoy_Service_Discovery_V3_DeltaDiscoveryResponse()
        response.typeURL = DiscoveryKind.revocation.typeURL
        var resource = Envoy_Service_Discovery_V3_Resource()
        resource.name = "m1"
        resource.version = "1"
        resource.resource = try Google_Protobuf_Any(
            message: Ambit_Security_V1_Revocation.with {
                $0.node = "host-a"
                $0.serials = ["0a"]
            })
        response.resources = [resource]
        let update = try DiscoveryUpdate(response)
        #expect(update.revocations == [DiscoveryRevocation(name: "m1", node: "host-a", serials: ["0a"])])
        #expect(update.updates.isEmpty && update.meshRemovals.isEmpty)
        response.resources[0].resource.value = .init([0xff, 0xff])
        #expect(throws: DiscoveryUpdate.Refusal.self) { try DiscoveryUpdate(response) }
    }

    @Test func aNodeIsInStepWithoutThem() {
        var session = DiscoverySession(node: .init())
        _ = session.accept(.address, nonce: "1")
        #expect(!session.isSynchronised)
        _ = session.accept(.authorization, nonce: "2")
        #expect(session.isSynchronised, "Istio's control plane does not answer for our type")
    }
}
