import Foundation
import MeshTelemetry
import Testing
import WaypointCore

@Suite struct RequestLogTests {
    /// The keys of Istio's JSON access log (I 7.2) that a waypoint knows something of.
    private let keys: Set<String> = [
        "start_time", "method", "path", "protocol", "response_code", "response_flags", "response_code_details",
        "upstream_transport_failure_reason", "bytes_received", "bytes_sent", "duration", "upstream_service_time",
        "x_forwarded_for", "user_agent", "request_id",
        "authority", "upstream_host", "upstream_cluster", "downstream_local_address", "downstream_remote_address",
        "requested_server_name", "route_name",
    ]

    private func object(_ log: RequestLog) throws -> [String: Any] {
        let line = LogFormat.json.line(time: 0, level: .info, target: "access", message: "m", fields: log.fields)
        return try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }

    @Test func aRequestHasIstiosKeys() throws {
        var log = RequestLog()
        log.method = "GET"
        log.path = "/a\"b"
        log.status = 503
        log.flags = "UF,URX"
        log.bytesSent = 91
        log.serviceTime = "12"
        log.forwardedFor = "1.2.3.4, 5.6.7.8"
        let made = try object(log)
        #expect(Set(made.keys).subtracting(["level", "time", "scope", "message"]) == keys)
        #expect(made["path"] as? String == "/a\"b")
        #expect(made["response_code"] as? Int == 503)
        #expect(made["response_flags"] as? String == "UF,URX")
        #expect(made["bytes_sent"] as? Int == 91)
        #expect(made["upstream_service_time"] as? String == "12")
        #expect(made["x_forwarded_for"] as? String == "1.2.3.4, 5.6.7.8")
        #expect(log.text.contains(#" 0 91 0 12 "1.2.3.4, 5.6.7.8" "-" "#), "\(log.text)")
        #expect(made["protocol"] as? String == "HTTP/1.1")
    }

    @Test func whatIsNotKnownIsNull() throws {
        let made = try object(RequestLog())
        for key in [
            "method", "path", "protocol", "upstream_service_time", "x_forwarded_for", "user_agent", "upstream_host",
            "requested_server_name",
        ] {
            #expect(made[key] is NSNull, "\(key)")
        }
        #expect(made["response_flags"] as? String == "-")
        #expect(RequestLog().text.contains(#" 0 0 0 - "-" "-" "#))
    }
}
