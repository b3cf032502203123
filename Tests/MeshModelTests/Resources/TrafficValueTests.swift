import MeshModel
import Testing

@Suite("Values of traffic kinds")
struct TrafficValueTests {
    @Test(
        "durations",
        arguments: [
            ("5s", Duration.seconds(5)), ("1.5s", .milliseconds(1500)), ("100ms", .milliseconds(100)),
            ("1h", .seconds(3600)), ("1h30m", .seconds(5400)), ("0s", .zero), ("0", .zero), (".5s", .milliseconds(500)),
            ("1us", .microseconds(1)), ("3ns", .nanoseconds(3)), ("1.s", .seconds(1)),
            ("", nil), ("5", nil), ("s", nil), ("5 s", nil), ("-1s", nil), ("1.2.3s", nil), ("5x", nil), (".s", nil),
            ("99999999999999999999s", nil), ("9999999h", nil), ("1d", nil),
        ] as [(String, Duration?)])
    func durations(_ text: String, _ expected: Duration?) {
        #expect(DurationText.duration(text) == expected)
    }

    @Test(
        "percentages are millionths",
        arguments: [
            (0, 0), (100, 1_000_000), (50, 500_000), (0.0001, 1), (0.1, 1_000), (33.3333, 333_333), (0.00001, nil),
            (100.1, nil), (-1, nil), (.nan, nil),
        ] as [(Double, UInt32?)])
    func percentages(_ percent: Double, _ millionths: UInt32?) {
        #expect(Percentage(percent: percent)?.millionths == millionths)
    }

    @Test(
        "base64",
        arguments: [
            ("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYg==", "foob"), ("Zm9vYg", "foob"),
            ("Zm9v\nYmFy\n", "foobar"), ("Z", nil), ("Zg=", nil), ("Zm9v=", nil), ("Zh==", nil), ("Zm 9v", nil),
            ("Zg==Zg==", nil),
        ] as [(String, String?)])
    func base64(_ text: String, _ expected: String?) {
        #expect(Base64Text.bytes(text) == expected.map { Array($0.utf8) })
    }
}
