import LinuxSystem
import Testing

@testable import ZtunnelCore

/// What passing questions on must read of messages from anywhere.
@Suite struct DNSWireTests {
    private let query: [UInt8] =
        [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3] + Array("www".utf8) + [2] + Array("Ab".utf8) + [0, 0, 1, 0, 1]

    @Test func identifiersAndQuestionsAreFound() {
        #expect(DNSWire.identifier(query) == 0x1234)
        #expect(DNSWire.question(query).map(Array.init) == Array(query[12...]))
        var other = query
        DNSWire.setIdentifier(0xabcd, &other)
        #expect(DNSWire.identifier(other) == 0xabcd)
    }

    @Test func onlyAnswersToTheQuestionCount() throws {
        let question = try #require(DNSWire.question(query))
        var answer = query
        #expect(!DNSWire.answers(answer, question))
        answer[2] |= 0x80
        #expect(DNSWire.answers(answer, question))
        answer[17] = UInt8(ascii: "a")
        #expect(DNSWire.answers(answer, question), "letters' case does not matter")
        answer[13] = UInt8(ascii: "x")
        #expect(!DNSWire.answers(answer, question))
    }

    @Test func cutAndCompressedQuestionsAreNone() {
        for length in 0..<query.count { #expect(DNSWire.question(Array(query[..<length])) == nil) }
        var compressed = query
        compressed[12] = 0xc0
        #expect(DNSWire.question(compressed) == nil)
        var two = query
        two[5] = 2
        #expect(DNSWire.question(two) == nil)
    }

    @Test func resolversAreReadAsTheLibraryDoes() {
        let text =
            "# comment\nsearch a b\nnameserver 192.0.2.1\nnameserver\tfe80::1%eth0\nnameserver 2001:db8::1 # x\nnameserver 1.1.1.1\nnameserver 2.2.2.2\noptions ndots:5\n"
        let made = ResolverConfiguration(resolvConf: text)
        #expect(made.servers.map(\.description) == ["192.0.2.1:53", "[2001:db8::1]:53", "1.1.1.1:53"])
        #expect(ResolverConfiguration.address("[::1]:5353")?.description == "[::1]:5353")
        #expect(ResolverConfiguration.address("192.0.2.1:5")?.port == 5)
        for text in ["", "host", "1.2.3.4:", "1.2.3.4:0", "1.2.3.4:99999"] {
            #expect(ResolverConfiguration.address(text) == nil)
        }
    }
}
