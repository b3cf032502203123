import ControlPlane
import Crypto
import Foundation
import MeshModel
import SwiftASN1
import Testing
import X509

@Suite("Joining", .timeLimit(.minutes(1)))
struct JoinServiceTests {
    @Test("a token buys a certificate for its node, once, and what it grants")
    func joins() async throws {
        let harness = try JoinHarness()
        let token = try await harness.token()
        #expect(token.addresses == ["127.0.0.1:15013"])
        let answer = try await harness.join.join(try harness.request(token), from: "192.0.2.7")
        let leaf = try Certificate(pemEncoded: answer["certificate"]?.asString ?? "")
        #expect(
            try leaf.extensions.subjectAlternativeNames?.map(\.self)
                == [.uniformResourceIdentifier("spiffe://cluster.local/ambit/node/host-a")])
        #expect(abs(leaf.notValidAfter.timeIntervalSinceNow - 30 * 86_400) < 60)
        #expect(answer["controlPort"]?.asInt == 15_012)
        let root = try Certificate(pemEncoded: answer["roots"]?.asString ?? "")
        let hash = SHA256.hash(data: try root.publicKey.serializeAsPEM().derBytes)
        #expect(hash.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() == token.rootPin)

        let shown = await harness.call("GET", "/ambit/v1/nodes/host-a").document
        #expect(shown["grants"]?.strings == ["shop/web"])
        #expect(shown["standing"]?.asString == "active")
        #expect(shown["origin"]?.asString == "token \(token.id) from 192.0.2.7")
        let again = await harness.refusal(try harness.request(token), from: "192.0.2.66")
        #expect(again?.code == .usedToken)
        #expect(again?.message.contains("from 192.0.2.7") == true)
        #expect(again?.message.contains("node revoke host-a") == true)
    }

    @Test("of many that join with one token at the same moment, one does")
    func race() async throws {
        let harness = try JoinHarness()
        let token = try await harness.token()
        let bodies = try (0..<8).map { _ in try harness.request(token) }
        let outcomes = await withTaskGroup(of: JoinRefusal.Code?.self) { group in
            for (index, body) in bodies.enumerated() {
                group.addTask { await harness.refusal(body, from: "192.0.2.\(index)")?.code }
            }
            return await group.reduce(into: [JoinRefusal.Code?]()) { $0.append($1) }
        }
        #expect(outcomes.count { $0 == nil } == 1, "\(outcomes)")
        #expect(outcomes.count { $0 == .usedToken } == 7, "\(outcomes)")
        let node = await harness.call("GET", "/ambit/v1/nodes/host-a").document
        #expect(node["nodeCertificates"]?.asArray?.count == 1)
    }

    @Test("what is wrong is said, counted, and leaves the token good; strangers learn nothing")
    func refusals() async throws {
        let harness = try JoinHarness()
        let token = try await harness.token()
        let wrong = String(repeating: "0", count: 64)
        let unknown = try #require(
            JoinToken(id: "0123456789ab", secret: wrong, rootPin: token.rootPin, node: "host-a", addresses: ["a:1"]))
        let guessed = await harness.refusal(try harness.request(token, secret: wrong))
        let invented = await harness.refusal(try harness.request(unknown))
        #expect(guessed?.code == .wrongToken && invented?.code == .wrongToken)
        #expect(
            guessed?.message.replacing(token.id, with: "ID") == invented?.message.replacing(unknown.id, with: "ID"),
            "a wrong secret and an unknown id look the same")
        #expect(await harness.refusal(try harness.request(token, node: "host-b"))?.code == .otherNode)
        #expect(
            await harness.refusal(try harness.request(token, names: "URI:spiffe://cluster.local/ambit/node/host-b"))?
                .code
                == .malformed)
        #expect(await harness.refusal(nil)?.code == .malformed)
        for body in ["", "{}", "[]", #"{"token":"x"}"#, "\u{0}"] {
            #expect(await harness.refusal(Array(body.utf8))?.code == .malformed)
        }
        let page = harness.services.services.metricsText()
        #expect(page.contains("ambit_control_joins_total{outcome=\"wrong_token\"} 2"))
        #expect(page.contains("ambit_control_joins_total{outcome=\"malformed\"} 7"))
        #expect(harness.join.admits("192.0.2.8"))
        #expect(!harness.join.admits("192.0.2.7"), "ten refusals in a minute are enough")
        #expect(await harness.refusal(try harness.request(token), from: "192.0.2.8") == nil)
    }

    @Test("a token expires, can be deleted, and a taken name needs --replace, which cuts the old node off")
    func lives() async throws {
        let harness = try JoinHarness()
        let deleted = try await harness.token()
        #expect(await harness.call("DELETE", "/ambit/v1/tokens/\(deleted.id)").status == 200)
        #expect(await harness.call("DELETE", "/ambit/v1/tokens/\(deleted.id)").status == 404)
        #expect(await harness.refusal(try harness.request(deleted))?.code == .wrongToken)

        let short = try await harness.token("host-s", more: #","ttlSeconds":1"#)
        let body = try harness.request(short)
        try await Deadline.until {
            await harness.call("GET", "/ambit/v1/tokens").document["items"]?.asArray?.first {
                $0["id"]?.asString == short.id
            }?["state"]?.asString == "expired"
        }
        #expect(await harness.refusal(body)?.code == .expiredToken)

        let first = try await harness.token()
        let second = try await harness.token()
        #expect(await harness.refusal(try harness.request(first)) == nil)
        #expect(await harness.refusal(try harness.request(second))?.code == .nameTaken)
        let refused = await harness.call("POST", "/ambit/v1/tokens", #"{"node":"host-a","allow":["shop/web"]}"#)
        #expect(refused.status == 409)
        #expect(refused.document["message"]?.asString?.contains("--replace") == true)
        let before = await harness.call("GET", "/ambit/v1/nodes/host-a").document["id"]
        let third = try await harness.token(more: #","replace":true"#)
        #expect(await harness.refusal(try harness.request(third)) == nil)
        let after = await harness.call("GET", "/ambit/v1/nodes/host-a").document["id"]
        #expect(before != nil && before != after, "another membership")
    }

    @Test("the API shows no secret, refuses nonsense field by field, and strangers")
    func api() async throws {
        let harness = try JoinHarness()
        let token = try await harness.token()
        let list = await harness.call("GET", "/ambit/v1/tokens").document
        #expect(list["items"]?.asArray?.count == 1)
        #expect(!list.compactText.contains(token.secret))
        let stored = try await harness.services.store.values(withPrefix: "join-token/")
        #expect(stored.allSatisfy { !String(decoding: $0.value, as: UTF8.self).contains(token.secret) })
        for (body, field) in [
            (#"{"node":"UPPER","allow":["shop/web"]}"#, "node"), (#"{"node":"a","allow":[]}"#, "allow"),
            (#"{"node":"a","allow":["shop"]}"#, "allow"),
            (#"{"node":"a","allow":["a/b"],"ttlSeconds":0}"#, "ttlSeconds"),
            (#"{"node":"a","allow":["a/b"],"ttlSeconds":9999999}"#, "ttlSeconds"),
            (#"{"node":"a","allow":["a/b"],"replace":"yes"}"#, "replace"),
        ] {
            let answer = await harness.call("POST", "/ambit/v1/tokens", body)
            #expect(answer.status == 422, "\(body)")
            #expect(answer.document.member("details", "causes")?.asArray?.first?["field"]?.asString == field, "\(body)")
        }
        let stranger = APIUser(name: "eve", groups: ["readers"])
        for path in ["/ambit/v1/nodes", "/ambit/v1/tokens"] {
            #expect(await harness.call("GET", path, user: stranger).status == 403)
        }
        #expect(await harness.call("PUT", "/ambit/v1/nodes").status == 405)
        #expect(await harness.call("GET", "/ambit/v1/nodes/nobody").status == 404)
        #expect(await harness.call("POST", "/ambit/v1/nodes/nobody/revoke").status == 404)
        #expect(await harness.call("DELETE", "/ambit/v1/nodes/nobody").status == 404)
    }
}
