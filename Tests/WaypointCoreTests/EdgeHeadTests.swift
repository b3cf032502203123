import HTTPWire
import Testing
import WaypointCore

@Suite struct EdgeHeadTests {
    private static func head(_ fields: [(String, String)]) -> HTTPFieldBlock {
        var head = HTTPFieldBlock.request(method: "GET", scheme: "http", authority: "web", path: "/")
        for (name, value) in fields { head.append(name: name, value: value) }
        return head
    }

    @Test func theAddressOfTheConnectionIsAddedToThoseBefore() {
        let made = EdgeHead.of(
            Self.head([("x-forwarded-for", "1.1.1.1"), ("x-forwarded-for", "2.2.2.2, 3.3.3.3"), ("accept", "*/*")]),
            address: Array("10.0.0.7".utf8), isHTTPS: false)
        #expect(made.all("x-forwarded-for") == ["1.1.1.1, 2.2.2.2, 3.3.3.3, 10.0.0.7"])
        #expect(made.all("x-envoy-external-address") == ["10.0.0.7"])
        #expect(made.all("x-forwarded-proto") == ["http"] && made.all("accept") == ["*/*"])
        #expect(made.authority == "web" && made.path == "/")
    }

    @Test func whatTheConnectionDoesNotSayIsTakenOut() {
        let claims = [
            "x-forwarded-client-cert", "x-envoy-internal", "x-envoy-external-address", "x-forwarded-proto",
            "x-envoy-retry-on", "x-envoy-attempt-count", "x-envoy-upstream-rq-timeout-ms",
        ]
        let made = EdgeHead.of(
            Self.head(claims.map { ($0, "claimed") }), address: Array("10.0.0.7".utf8), isHTTPS: true)
        for name in claims { #expect(!made.all(name).contains("claimed"), "\(name)") }
        #expect(made.all("x-forwarded-proto") == ["https"])
        #expect(made.all("x-forwarded-for") == ["10.0.0.7"])
    }

    @Test func aClientsCertificateIsTold() {
        let text = ClientCertificateText.value(
            sha256: "ab12", subject: "CN=a \"b\",O=c", uriNames: ["spiffe://x/ns/a/sa/b"],
            dnsNames: ["a.com", "b;By=evil"])
        #expect(
            String(decoding: text, as: UTF8.self)
                == #"Hash=ab12;Subject="CN=a \"b\",O=c";URI=spiffe://x/ns/a/sa/b;DNS=a.com;DNS="b;By=evil""#)
    }

    @Test func aClientWithoutACertificateIsToldNothingOf() {
        let made = RequestHead.forwarded(
            Self.head([("x-forwarded-client-cert", "claimed")]), certificate: nil
        ) { RequestHead.uuid(0, 0) }
        #expect(made.all("x-forwarded-client-cert") == [])
    }
}
