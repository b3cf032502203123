import Glibc
import MeshAPI
import MeshModel
import MeshRuntime
import MeshTelemetry
import NodeCore
import SwiftProtobuf
import Testing

/// What acts on requests, as a waypoint takes and stores it.
@Suite struct NetworkingResourcesTests {
    private static func response(_ objects: [Resource]) throws -> Envoy_Service_Discovery_V3_DeltaDiscoveryResponse {
        var response = Envoy_Service_Discovery_V3_DeltaDiscoveryResponse()
        response.typeURL = DiscoveryKind.networking.typeURL
        response.resources = try objects.map { object in
            var resource = Envoy_Service_Discovery_V3_Resource()
            resource.name = object.discoveryName
            resource.version = "1"
            resource.resource = try Google_Protobuf_Any(
                message: try Ambit_Networking_V1_Resource(serializedBytes: try object.networkingMessage()))
            return resource
        }
        return response
    }

    private static func rule(_ name: String) throws -> Resource {
        let text = #"{"metadata":{"name":"\#(name)","namespace":"shop"},"spec":{"host":"web"}}"#
        return Resource(kind: .destinationRule, object: try JSONValue(parsing: Array(text.utf8)))
    }

    private static func empty(_ kind: DiscoveryKind) throws -> DiscoveryUpdate {
        try DiscoveryUpdate(.with { $0.typeURL = kind.typeURL })
    }

    @Test func aWaypointWaitsForThemAndAZtunnelDoesNotAsk() {
        for (kinds, isSynchronised) in [(DiscoveryKind.ztunnel, true), (DiscoveryKind.waypoint, false)] {
            var session = DiscoverySession(node: .init(), kinds: kinds)
            let asked = session.opening { _ in [:] }.map(\.typeURL)
            #expect(asked.contains(DiscoveryKind.networking.typeURL) == !isSynchronised)
            _ = session.accept(.address, nonce: "1")
            _ = session.accept(.authorization, nonce: "2")
            #expect(session.isSynchronised == isSynchronised)
            _ = session.accept(.networking, nonce: "3")
            #expect(session.isSynchronised)
        }
    }

    @Test func aRestartHasThem() throws {
        var template = Array("/tmp/ambit-networking-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer {
            for file in ["addresses", "authorizations", "revocations", "networking"] { unlink("\(folder)/\(file).pb") }
            rmdir(folder)
        }
        let log = try TestLog()
        let state = NodeState(snapshot: .empty, certificates: CertificateStore(clock: { 0 }))
        let loop = try EventLoop(name: "test")
        func made() throws -> NodeResources {
            NodeResources(
                loop: loop, state: state, directory: try StateDirectory(folder), kinds: DiscoveryKind.waypoint,
                log: NodeLog(log.logger, "state"))
        }
        let first = try made()
        for kind in [DiscoveryKind.revocation, .address, .authorization] { first.accept(try Self.empty(kind)) }
        #expect(!first.isComplete)
        let (web, other) = (try Self.rule("web"), try Self.rule("other"))
        first.accept(try DiscoveryUpdate(try Self.response([web, other])))
        #expect(first.isComplete && first.networking.count == 2)
        var removal = Envoy_Service_Discovery_V3_DeltaDiscoveryResponse()
        removal.typeURL = DiscoveryKind.networking.typeURL
        removal.removedResources = [other.discoveryName]
        first.accept(try DiscoveryUpdate(removal))
        first.save()
        let second = try made()
        #expect(second.restore() && second.isComplete)
        #expect(second.networking == [web.discoveryName: web])
        #expect(second.versions(.networking) == [web.discoveryName: "1"])
    }
}
