import HTTPWire
import MeshModel
import MeshTelemetry
import NodeCore
import Testing

@testable import WaypointCore

@Suite struct RequestTelemetryTests {
    private static func workload(_ name: String) -> Workload {
        Workload(
            uid: name, name: name, namespace: "shop", serviceAccount: name, canonicalName: name, workloadName: name)
    }

    private static let client = workload("frontend")
    private static let web = workload("web")

    private static func page(_ telemetry: RequestTelemetry) -> String {
        MetricsPage.render([telemetry.snapshot(HeldMemory(limit: 1 << 20))], format: .prometheus)
    }

    private static func make() -> (RequestTelemetry, ClientTelemetry) {
        let telemetry = RequestTelemetry(seconds: { 0 })
        let source = TelemetryEnd(client, principal: client.identity.uri)
        return (telemetry, ClientTelemetry(telemetry, source: source, service: nil))
    }

    @Test func requestsAreCountedByPairAndOutcome() throws {
        let (telemetry, client) = Self.make()
        for _ in 0..<3 {
            client.ended(RequestOutcome(status: 200), at: Self.web, milliseconds: 7, received: 10, sent: 2_000)
        }
        client.ended(
            RequestOutcome(status: 503, flags: .noHealthyUpstream), at: nil, milliseconds: 1, received: 0, sent: 0)
        let lines = Self.page(telemetry).split(separator: "\n")
        let totals = lines.filter { $0.hasPrefix("istio_requests_total{") }
        #expect(totals.count == 2)
        let good = try #require(totals.first { $0.contains(#"response_code="200""#) })
        #expect(good.hasSuffix(" 3"))
        for label in [
            #"reporter="waypoint""#, #"source_workload="frontend""#, #"destination_workload="web""#,
            #"source_principal="spiffe://cluster.local/ns/shop/sa/frontend""#, #"request_protocol="http""#,
            #"response_flags="-""#, #"connection_security_policy="mutual_tls""#, #"destination_service="unknown""#,
        ] { #expect(good.contains(label), "\(label) is missing in \(good)") }
        let bad = try #require(totals.first { $0.contains(#"response_code="503""#) })
        #expect(bad.contains(#"response_flags="UH""#) && bad.contains(#"destination_workload="unknown""#))
        let buckets = lines.filter {
            $0.hasPrefix("istio_request_duration_milliseconds_bucket{") && $0.contains(#"response_code="200""#)
        }
        #expect(buckets.count == 20)
        #expect(buckets.first { $0.contains(#"le="5.0""#) }?.hasSuffix(" 0") == true)
        #expect(buckets.first { $0.contains(#"le="10.0""#) }?.hasSuffix(" 3") == true)
        #expect(lines.contains { $0.hasPrefix("istio_response_bytes_sum{") && $0.hasSuffix(" 6000.0") })
    }

    @Test func aStreamWithManyOutcomesKeepsFewRowsAndLosesNoCount() {
        let (telemetry, client) = Self.make()
        for round in 0..<2 {
            for status in 0..<(ClientTelemetry.rowCapacity + 10) {
                client.ended(
                    RequestOutcome(status: status), at: Self.web, milliseconds: Double(round), received: 0, sent: 0)
            }
        }
        let totals = Self.page(telemetry).split(separator: "\n").filter { $0.hasPrefix("istio_requests_total{") }
        #expect(totals.count == ClientTelemetry.rowCapacity + 10)
        #expect(totals.allSatisfy { $0.hasSuffix(" 2") })
    }

    @Test func messagesOfGRPCAreCountedByPair() throws {
        let (telemetry, client) = Self.make()
        for _ in 0..<3 { client.passed(requests: 2, responses: 5, at: Self.web) }
        client.ended(
            RequestOutcome(status: 200, isGRPC: true, grpcStatus: 0), at: Self.web, milliseconds: 1, received: 0,
            sent: 0)
        client.passed(requests: 1, responses: 0, at: nil)
        let lines = Self.page(telemetry).split(separator: "\n")
        for (name, count) in [("istio_request_messages_total", "6"), ("istio_response_messages_total", "15")] {
            let line = try #require(
                lines.first { $0.hasPrefix(name + "{") && $0.contains(#"destination_workload="web""#) })
            #expect(line.hasSuffix(" \(count)"))
            for label in [
                #"reporter="waypoint""#, #"source_workload="frontend""#, #"request_protocol="grpc""#,
                #"connection_security_policy="mutual_tls""#,
            ] { #expect(line.contains(label), "\(label) is missing in \(line)") }
            #expect(!line.contains("response_code"))
        }
    }

    @Test func aCallOfOneMessageEachWayIsNoStream() {
        var counts = MessageCounts()
        let empty: [UInt8] = [0, 0, 0, 0, 0]
        empty.withUnsafeBytes { counts.requests.receive($0) }
        empty.withUnsafeBytes { counts.responses.receive($0) }
        #expect(counts.hasNews && !counts.isStream)
        #expect(counts.takeNews() == (1, 1))
        #expect(!counts.hasNews && counts.takeNews() == (0, 0))
        empty.withUnsafeBytes { counts.responses.receive($0) }
        #expect(counts.isStream && counts.takeNews() == (0, 1))
    }

    @Test func connectionsThatAreNoHTTPAreCountedAsIstioDoes() {
        let (telemetry, client) = Self.make()
        client.connectionOpened(at: Self.web)
        client.connectionEnded(RequestOutcome(), at: Self.web, received: 5, sent: 7)
        client.connectionEnded(RequestOutcome(flags: .upstreamFailure), at: nil, received: 1, sent: 0)
        let lines = Self.page(telemetry).split(separator: "\n")
        func value(_ name: String, _ flag: String) -> String? {
            lines.first { $0.hasPrefix(name + "{") && $0.contains("response_flags=\"\(flag)\"") }?
                .split(separator: " ").last.map(String.init)
        }
        #expect(value("istio_tcp_connections_opened_total", "-") == "1")
        #expect(value("istio_tcp_connections_closed_total", "-") == "1")
        #expect(value("istio_tcp_received_bytes_total", "-") == "5")
        #expect(value("istio_tcp_sent_bytes_total", "-") == "7")
        #expect(value("istio_tcp_connections_closed_total", "UF") == "1")
    }
}
