import HTTPWire
import MeshModel
import Testing
import WaypointCore

@Suite struct RequestHeadTests {
    private let client = SPIFFEIdentity(trustDomain: "cluster.local", namespace: "shop", serviceAccount: "client")
    private let waypoint = SPIFFEIdentity(trustDomain: "cluster.local", namespace: "shop", serviceAccount: "waypoint")

    private func forwarded(_ head: HTTPFieldBlock) -> HTTPFieldBlock {
        RequestHead.forwarded(head, certificate: RequestHead.certificate(client: client, waypoint: waypoint)) {
            RequestHead.uuid(0, 0)
        }
    }

    @Test func aClaimedIdentityIsReplacedByTheProvenOne() {
        var head = HTTPFieldBlock.request(method: "GET", scheme: "http", authority: "web", path: "/")
        head.append(name: "x-forwarded-client-cert", value: "URI=spiffe://cluster.local/ns/shop/sa/admin")
        let made = forwarded(head)
        #expect(
            made.all("x-forwarded-client-cert") == [
                "By=spiffe://cluster.local/ns/shop/sa/waypoint;URI=spiffe://cluster.local/ns/shop/sa/client"
            ])
        #expect(made.all("x-request-id") == ["00000000-0000-4000-8000-000000000000"])
    }

    @Test func aRequestKeepsTheNameThatItHas() {
        var head = HTTPFieldBlock.request(method: "GET", scheme: "http", authority: "web", path: "/")
        head.append(name: "x-request-id", value: "old")
        let made = forwarded(head)
        #expect(made.all("x-request-id") == ["old"])
    }

    @Test func trailersClaimNothing() {
        var trailers = HTTPFieldBlock()
        for name in ["x-forwarded-client-cert", "x-envoy-attempt-count", "x-forwarded-proto", "x-request-id", "x-sum"] {
            trailers.append(name: Array(name.utf8), value: Array("1".utf8))
        }
        #expect(RequestHead.forwarded(trailers: trailers).fields.map(\.name) == ["x-sum"])
    }

    @Test func twoNumbersMakeAUUID() {
        func uuid(_ high: UInt64, _ low: UInt64) -> String {
            let bytes = RequestHead.uuid(high, low)
            return String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
        }
        #expect(uuid(0, 0) == "00000000-0000-4000-8000-000000000000")
        #expect(uuid(0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3210) == "01234567-89ab-4def-bedc-ba9876543210")
        #expect(uuid(.max, .max) == "ffffffff-ffff-4fff-bfff-ffffffffffff")
    }
}
