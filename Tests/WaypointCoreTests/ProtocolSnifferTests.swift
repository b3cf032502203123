import Testing
import WaypointCore

@Suite struct ProtocolSnifferTests {
    @Test(arguments: [
        ("GET / HTTP/1.1", ProtocolSniffer.Verdict.http1), ("OPTIONS * HT", .http1), ("GE", .undecided),
        ("", .undecided),
        ("GETX", .opaque), ("get /", .opaque),
        ("PRI * HTTP/2.0", .undecided), ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .http2),
        ("PRI * HTTP/1.1", .opaque), ("\u{16}\u{03}\u{01}", .opaque),
    ])
    func theFirstBytesTellWhatIsSpoken(_ text: String, _ verdict: ProtocolSniffer.Verdict) {
        #expect(ProtocolSniffer.look(at: Array(text.utf8)) == verdict)
    }
}
