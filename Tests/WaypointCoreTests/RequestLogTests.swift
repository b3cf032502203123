import Foundation
import MeshTelemetry
import Testing
import WaypointCore

@Suite struct RequestLogTests {
    /// The keys of Istio's JSON access log (I 7.2) that a waypoint knows something of.
    private let keys: Set<String> = [
        "start_time", "method", "path", "protocol", "response_code", "response_flags", "response_code_details",
        "upstream_transport_failure_reason", "bytes_received", "bytes_sent", "duration", "user_agent", "request_id",
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
        let made = try object(log)
        #expect(Set(made.keys).subtracting(["level", "time", "scope", "message"]) == keys)
        #expect(made["path"] as? String == "/a\"b")
        #expect(made["response_code"] as? Int == 503)
        #expect(made["response_flags"] as? String == "UF,URX")
        #expect(made["bytes_sent"] as? Int == 91)
        #expect(made["protocol"] as? String == "HTTP/1.1")
    }

    @Test func whatIsNotKnownIsNull() throws {
        let made = try object(RequestLog())
        for key in ["method", "path", "protocol", "user_agent", "upstream_host", "requested_server_name"] {
            #expect(made[key] is NSNull, "\(key)")
        }
        #expect(made["response_flags"] as? String == "-")
    }
}
