import Foundation
import MeshModel
import Testing

@Suite("Join tokens")
struct JoinTokenTests {
    static let secret = String(repeating: "5e", count: 32)
    static let pin = String(repeating: "a1", count: 32)

    static func token(
        id: String = "0123456789ab", secret: String = secret, pin: String = pin, node: String = "host-1.example",
        addresses: [String] = ["192.0.2.1:15013", "[2001:db8::1]:15013", "control.example:443"]
    ) -> JoinToken? {
        JoinToken(id: id, secret: secret, rootPin: pin, node: node, addresses: addresses)
    }

    @Test("a token reads back as it was written, also with what copying leaves around it")
    func roundTrip() throws {
        let token = try #require(Self.token())
        for text in [token.text, " \(token.text)\r\n", "\t\(token.text)\n\n"] {
            #expect(try JoinToken(parsing: text) == token)
        }
        #expect(token.text.hasPrefix("ambit1_0123456789ab_5e5e"))
    }

    @Test("no description of a token holds its secret")
    func secrecy() throws {
        let token = try #require(Self.token())
        for text in ["\(token)", String(reflecting: token), String(describing: token)] {
            #expect(!text.contains("5e5e"), "\(text)")
        }
    }

    @Test(
        "parts that are none make no token",
        arguments: [
            token(id: "0123"), token(id: "0123456789AB"), token(secret: ""), token(secret: secret + "0"),
            token(pin: "zz" + pin.dropFirst(2)), token(node: ""), token(node: "UPPER"), token(node: "a_b"),
            token(addresses: []), token(addresses: ["192.0.2.1"]), token(addresses: ["192.0.2.1:0"]),
            token(addresses: ["192.0.2.1:65536"]), token(addresses: ["2001:db8::1:15013"]),
            token(addresses: ["[192.0.2.1]:1"]), token(addresses: ["a_b:1"]), token(addresses: ["a,b:1"]),
            token(addresses: [":1"]), token(addresses: ["a b:1"]),
            token(addresses: Array(repeating: "a:1", count: 9)),
        ])
    func parts(token: JoinToken?) {
        #expect(token == nil)
    }

    @Test("texts that are no token are refused with what is wrong, at any cut")
    func texts() throws {
        let text = try #require(Self.token()).text
        for length in 0..<text.utf8.count {
            let cut = String(text.prefix(length))
            // A cut among the addresses may leave fewer or shorter ones.
            guard let token = try? JoinToken(parsing: cut) else { continue }
            #expect(token.text == cut && token.secret == Self.secret && token.rootPin == Self.pin)
        }
        for (text, word) in [
            ("", "begin with ambit1_"), ("ambit2_" + text.dropFirst(7), "begin with ambit1_"),
            ("ambit1_a", "2 of 6 parts"),
            (text + "_more", "7 of 6 parts"), (text.replacing("5e5e", with: "5e5g"), "damaged"),
            (text + String(repeating: "x", count: 3_000), "longer than"),
        ] {
            let problem = #expect(throws: JoinToken.Problem.self) { try JoinToken(parsing: text) }
            #expect(problem?.description.contains(word) == true, "\(problem?.description ?? "")")
            #expect(problem?.description.contains("5e5e") != true)
        }
    }
}
