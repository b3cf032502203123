import HTTPWire
import MeshModel
import NodeCore
import Testing
import ZtunnelCore

/// Who the client of an inbound connection is, where several workloads have its address (D4).
@Suite struct TelemetryEndTests {
    private static func workload(_ name: String, account: String) -> Workload {
        Workload(
            uid: name, name: name, namespace: "ns", serviceAccount: account, canonicalName: name, workloadName: name)
    }

    private static let web = workload("web", account: "web")
    private static let database = workload("db", account: "db")
    private static let twin = workload("twin", account: "web")

    @Test func theProvenIdentityTells() {
        let end = TelemetryEnd(clientAmong: [Self.database, Self.web], identity: Self.web.identity, baggage: nil)
        #expect(end == TelemetryEnd(Self.web, principal: Self.web.identity.uri))
    }

    @Test func ofSeveralWithTheIdentityTheOneItSaysItIs() {
        let sharing = [Self.web, Self.database, Self.twin]
        func end(_ baggage: Baggage?) -> TelemetryEnd {
            TelemetryEnd(clientAmong: sharing, identity: Self.web.identity, baggage: baggage)
        }
        let principal = Self.web.identity.uri
        #expect(end(Baggage(Self.twin)) == TelemetryEnd(Self.twin, principal: principal))
        #expect(end(nil) == TelemetryEnd(Self.web, principal: principal))
        // It cannot pass for a workload of another identity.
        #expect(end(Baggage(Self.database)) == TelemetryEnd(Baggage(Self.database), principal: principal))
    }

    @Test func plainTextFromASharedAddressIsUnknown() {
        #expect(
            TelemetryEnd(clientAmong: [Self.web, Self.database], identity: nil, baggage: nil) == TelemetryEnd())
        #expect(TelemetryEnd(clientAmong: [Self.web], identity: nil, baggage: nil) == TelemetryEnd(Self.web))
        #expect(TelemetryEnd(clientAmong: [], identity: nil, baggage: nil) == TelemetryEnd())
    }

    @Test func whomTheMeshDoesNotKnowDescribesItself() {
        let stranger = SPIFFEIdentity(trustDomain: "cluster.local", namespace: "ns", serviceAccount: "x")
        #expect(
            TelemetryEnd(clientAmong: [Self.web], identity: stranger, baggage: Baggage(Self.twin))
                == TelemetryEnd(Baggage(Self.twin), principal: stranger.uri))
        #expect(
            TelemetryEnd(clientAmong: [Self.web], identity: stranger, baggage: nil)
                == TelemetryEnd(principal: stranger.uri))
    }
}
