import Synchronization
import Testing

@testable import MeshTelemetry

@Suite struct LogTests {
    static let entry = AccessLogEntry(
        source: .init(
            address: "10.0.0.1:4711", workload: "client", namespace: "shop",
            identity: "spiffe://cluster.local/ns/shop/sa/client", cluster: "Kubernetes"),
        destination: .init(address: "10.0.0.2:15008", workload: "web", namespace: "shop"),
        tunnelledAddress: "10.0.0.2:8080", service: "web.shop.svc.cluster.local", direction: .inbound, bytesSent: 10,
        bytesReceived: 20, milliseconds: 3)

    @Test(arguments: [
        (0, "1970-01-01T00:00:00Z"), (951_782_400, "2000-02-29T00:00:00Z"), (951_868_799, "2000-02-29T23:59:59Z"),
        (1_709_164_800, "2024-02-29T00:00:00Z"), (4_102_444_799, "2099-12-31T23:59:59Z"),
        (1_795_247_705, "2026-11-21T07:55:05Z"), (-1, "1969-12-31T23:59:59Z"),
    ])
    func timestamps(seconds: Int64, text: String) {
        #expect(Timestamp.text(seconds: seconds) == text)
    }

    @Test func accessLineInThePlainForm() {
        let line = LogFormat.plain.line(
            time: 1_000_001, level: Self.entry.level, target: AccessLogEntry.target, message: AccessLogEntry.complete,
            fields: Self.entry.fields)
        #expect(
            line == "1970-01-01T00:00:01.000001Z\tinfo\taccess\tconnection complete\t"
                + "src.addr=10.0.0.1:4711 src.workload=\"client\" src.namespace=\"shop\" "
                + "src.identity=\"spiffe://cluster.local/ns/shop/sa/client\" src.cluster=\"Kubernetes\" dst.addr=10.0.0.2:15008 "
                + "dst.hbone_addr=10.0.0.2:8080 dst.service=\"web.shop.svc.cluster.local\" dst.workload=\"web\" "
                + "dst.namespace=\"shop\" direction=\"inbound\" bytes_sent=10 bytes_recv=20 duration=\"3ms\"")
    }

    @Test func accessLineInJSON() {
        var entry = Self.entry
        entry.error = "said \"no\"\n"
        let line = LogFormat.json.line(
            time: 0, level: entry.level, target: "access", message: "connection complete", fields: entry.fields)
        #expect(line.hasPrefix(#"{"level":"error","time":"1970-01-01T00:00:00.000000Z","scope":"access","message":"#))
        #expect(line.hasSuffix(#""bytes_sent":10,"bytes_recv":20,"duration":"3ms","error":"said \"no\"\n"}"#))
    }

    @Test func aPeersTextCannotStartANewLine() {
        var fields = LogFields()
        fields.add("error", "x\n2026\tinfo\taccess")
        let line = LogFormat.plain.line(time: 0, level: .warn, target: "t", message: "a\nb", fields: fields)
        #expect(!line.contains("\n"))
        #expect(line.hasSuffix("a\\nb\terror=\"x\\n2026\\tinfo\\taccess\""))
    }

    @Test func filters() throws {
        let filter = try LogFilter("warn,access=debug")
        #expect(filter.admits(.debug, "access") && !filter.admits(.trace, "access"))
        #expect(filter.admits(.warn, "xds") && !filter.admits(.info, "xds"))
        #expect(filter.description == "warn,access=debug")
        #expect(try LogFilter("dns=trace", base: filter).description == "warn,access=debug,dns=trace")
        #expect(throws: LogFilterError(directive: "access=loud")) { try LogFilter("info,access=loud") }
    }

    @Test func loggerMakesNoMessageBelowItsLevel() {
        let lines = Mutex<[String]>([])
        let logger = Logger(clock: { 0 }, sink: { line in lines.withLock { $0.append(line) } })
        func message() -> String {
            Issue.record("a message below the level was made")
            return ""
        }
        logger.log(.debug, "xds", message())
        logger.log(.info, "xds", "connected")
        logger.setFilter(LogFilter(level: .off))
        logger.log(.error, "xds", message())
        #expect(lines.withLock { $0 } == ["1970-01-01T00:00:00.000000Z\tinfo\txds\tconnected"])
    }

    @Test func jsonDocuments() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("a", "x\u{1}\"\\")
        writer.key("b")
        writer.beginArray()
        writer.value(1)
        writer.value(true)
        writer.null()
        writer.value(Double.nan)
        writer.beginObject()
        writer.endObject()
        writer.endArray()
        writer.field("c", ["x", "y"])
        writer.endObject()
        #expect(writer.text == #"{"a":"x\u0001\"\\","b":[1,true,null,null,{}],"c":["x","y"]}"#)
        var pretty = JSONWriter(pretty: true)
        pretty.beginObject()
        pretty.field("a", 1)
        pretty.field("b", [String]())
        pretty.field("c", ["x"])
        pretty.endObject()
        #expect(pretty.text == "{\n  \"a\": 1,\n  \"b\": [],\n  \"c\": [\n    \"x\"\n  ]\n}")
    }
}
