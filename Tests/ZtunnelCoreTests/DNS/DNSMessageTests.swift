import MeshModel
import NodeCore
import Testing
import ZtunnelCore

/// RFC 1035 and RFC 6891: messages that are well formed, badly formed, large, or hostile.
@Suite struct DNSMessageTests {
    // MARK: EDNS and sizes

    @Test(arguments: [(4096, 4096), (512, 512), (100, 512), (0, 512)] as [(UInt16, UInt16)])
    func ednsIsEchoed(_ payload: UInt16, _ expected: UInt16) throws {
        let reading = try DNSResponderTests.read(
            DNSResponderTests.respond(Packet.query("productpage", payload: payload)))
        #expect(reading.payload == expected && reading.values == ["9.9.9.9"])
    }

    @Test func laterEDNSVersionsAreRefused() throws {
        let reading = try DNSResponderTests.read(
            DNSResponderTests.respond(Packet.query("productpage", payload: 4096, version: 1)))
        #expect(reading.extendedCode == 1 && reading.answers.isEmpty, "BADVERS, RFC 6891 6.1.3")
    }

    static let large: MeshSnapshot = {
        var builder = SnapshotBuilder()
        return builder.apply(updates: [
            DNSResponderTests.service(
                "large.com", "ns1",
                (0..<250).map { "240.1.\($0).1" } + (0..<250).map { "2001:db8::\(String($0, radix: 16))" })
        ])
    }()

    @Test(arguments: [(nil, 512), (1232, 1232), (100, 512)] as [(UInt16?, Int)])
    func datagramsStayWithinWhatTheClientTakes(_ payload: UInt16?, _ limit: Int) throws {
        for type in [1, 28] as [UInt16] {
            let reaction = DNSResponderTests.respond(
                Packet.query("large.com", type: type, payload: payload), snapshot: Self.large)
            guard case .reply(let bytes, _, _, _) = reaction else {
                Issue.record("no reply")
                return
            }
            let reading = try #require(Reading(bytes))
            #expect(bytes.count <= limit && bytes.count > limit - 40)
            #expect(reading.isTruncated && !reading.answers.isEmpty)
        }
    }

    @Test func connectionsCarryAllOfIt() throws {
        let reading = try DNSResponderTests.read(
            DNSResponderTests.respond(Packet.query("large.com"), transport: .tcp, snapshot: Self.large))
        #expect(reading.answers.count == 250 && !reading.isTruncated)
    }

    @Test func noMessageIsLongerThanItsLengthField() throws {
        var builder = SnapshotBuilder()
        let key = ServiceName(namespace: "ns1", hostname: "huge.ns1.svc.cluster.local")
        let workloads = (0..<6000 as Range<UInt64>).map { number in
            MeshUpdate.workload(
                Workload(
                    uid: "w\(number)", name: "w", namespace: "ns1",
                    addresses: [IPAddress(high: 0, low: 0x0a00_0000 + number, isIPv4: true)], services: [key: []]))
        }
        let snapshot = builder.apply(
            updates: [DNSResponderTests.service(key.hostname, "ns1", [])] + workloads)
        guard
            case .reply(let bytes, _, _, _) = DNSResponderTests.respond(
                Packet.query("huge"), transport: .tcp, snapshot: snapshot)
        else {
            Issue.record("no reply")
            return
        }
        let reading = try #require(Reading(bytes))
        #expect(bytes.count <= 65535 && bytes.count > 65500 && reading.isTruncated)
    }

    // MARK: refusals

    @Test func whatIsNoQuestionIsIgnored() {
        let query = Packet.query("productpage")
        for count in 0..<12 { #expect(DNSResponderTests.respond(Array(query.prefix(count))) == .ignore) }
        var response = query
        response[2] |= 0x80
        #expect(DNSResponderTests.respond(response) == .ignore, "answering answers makes loops")
        #expect(DNSResponder.failure(of: response, .serverFailure) == nil)
        #expect(DNSResponder.failure(of: [1, 2, 3], .serverFailure) == nil)
    }

    @Test func everyCutIsRefused() throws {
        let query = Packet.query("productpage.ns1", payload: 1232)
        for count in 12..<query.count {
            let reading = try DNSResponderTests.read(DNSResponderTests.respond(Array(query.prefix(count))))
            #expect(reading.code == 1 && reading.id == 0x1234 && reading.question.isEmpty, "cut at \(count)")
        }
    }

    static func header(questions: UInt16 = 1, answers: UInt16 = 0, additionals: UInt16 = 0) -> [UInt8] {
        Packet.two(7) + Packet.two(0x0100) + Packet.two(questions) + Packet.two(answers) + Packet.two(0)
            + Packet.two(additionals)
    }

    static let malformed: [(String, [UInt8])] = [
        ("no question", header(questions: 0)),
        ("two questions", header(questions: 2) + Packet.name("a") + [0, 1, 0, 1] + Packet.name("b") + [0, 1, 0, 1]),
        ("pointer to itself", header() + [0xc0, 12, 0, 1, 0, 1]),
        ("pointer into the header", header() + [0xc0, 0, 0, 1, 0, 1]),
        ("pointer forward", header() + [0xc0, 20, 0, 1, 0, 1, 0, 0, 0, 0]),
        ("pointer loop through a label", header() + [1, 97, 0xc0, 12, 0, 1, 0, 1]),
        ("reserved label form", header() + [0x40, 97, 0, 0, 1, 0, 1]),
        ("label past the end", header() + [63, 97, 98]),
        (
            "name longer than 255",
            header() + (0..<5).flatMap { _ in [63] + Array(repeating: UInt8(97), count: 63) } + [0, 0, 1, 0, 1]
        ),
        (
            "additional past the end",
            header(additionals: 1) + Packet.name("a") + [0, 1, 0, 1, 0, 0, 41, 4, 0, 0, 0, 0, 0, 0, 9]
        ),
        ("records that are not there", header(answers: 0xffff) + Packet.name("a") + [0, 1, 0, 1]),
        (
            "two OPT records",
            header(additionals: 2) + Packet.name("a") + [0, 1, 0, 1]
                + [0, 0, 41, 4, 0, 0, 0, 0, 0, 0, 0] + [0, 0, 41, 4, 0, 0, 0, 0, 0, 0, 0]
        ),
    ]

    @Test(arguments: malformed.indices) func malformedMessagesAreRefused(_ index: Int) throws {
        let (what, bytes) = Self.malformed[index]
        let reading = try DNSResponderTests.read(DNSResponderTests.respond(bytes))
        #expect(reading.code == 1 && reading.id == 7, "\(what)")
    }

    @Test func otherOperationsAreNotImplemented() throws {
        for operation in 1..<16 as Range<UInt16> {
            let reading = try DNSResponderTests.read(
                DNSResponderTests.respond(Packet.query("productpage", flags: operation << 11 | 0x0100)))
            #expect(reading.code == 4 && reading.flags >> 11 & 0xf == operation && reading.flags & 0x0100 != 0)
        }
    }

    @Test func namesThatAreNoHostNamesArePassedOn() {
        let label = [UInt8(3)] + [UInt8(ascii: "a"), UInt8(ascii: "."), UInt8(ascii: "b")]
        let dotted = Self.header() + label + [0, 0, 1, 0, 1]
        let binary = Self.header() + [2, 0xff, 0x00, 0, 0, 1, 0, 1]
        for message in [dotted, binary] {
            guard case .forward = DNSResponderTests.respond(message) else {
                Issue.record("not passed on")
                return
            }
        }
    }

    @Test func otherClassesArePassedOn() {
        guard case .forward(let query) = DNSResponderTests.respond(Packet.query("productpage", recordClass: 3)) else {
            Issue.record("not passed on")
            return
        }
        #expect(query.recordClass == 3)
    }

    @Test func theLongestNameIsRead() {
        let name = (0..<127).map { _ in "a" }.joined(separator: ".")
        guard case .forward(let query) = DNSResponderTests.respond(Packet.query(name)) else {
            Issue.record("not passed on")
            return
        }
        #expect(query.labels.count == 127)
    }

    // MARK: errors and large answers of others

    @Test func failuresCarryTheQuestion() throws {
        let query = Packet.query("productpage", id: 99, payload: 1232)
        let reply = try #require(DNSResponder.failure(of: query, .serverFailure))
        let reading = try #require(Reading(reply))
        #expect(
            reading.id == 99 && reading.code == 2 && reading.question == "productpage 1 1" && reading.payload == 1232)
        #expect(reading.flags & 0x0400 == 0, "not the mesh's own word")
    }

    @Test func whatDoesNotFitIsAskedForAgain() throws {
        let query = Packet.query("example.com", payload: 1232)
        let small = Array(repeating: UInt8(0), count: 1232)
        #expect(DNSResponder.fit(small, to: query) == small)
        var large = Array(repeating: UInt8(0), count: 1233)
        large[3] = 3
        let reading = try #require(Reading(DNSResponder.fit(large, to: query)))
        #expect(
            reading.isTruncated && reading.code == 3 && reading.answers.isEmpty && reading.question == "example.com 1 1"
        )
        let short = Packet.query("example.com")
        #expect(try #require(Reading(DNSResponder.fit(Array(repeating: 0, count: 513), to: short))).isTruncated)
    }

    /// Many records whose names are long chains of pointers cost no more than their bytes.
    @Test(.timeLimit(.minutes(1))) func pointerChainsCostNothing() {
        var bytes = Self.header(additionals: 2600) + Packet.name("a") + [0, 1, 0, 1]
        // One record whose data is a chain of pointers, each to the one before it.
        let start = bytes.count + 11
        bytes += [0, 0, 16, 0, 1, 0, 0, 0, 0] + Packet.two(15000)
        for position in 0..<7500 { bytes += Packet.two(0xc000 | UInt16(max(12, start + 2 * position - 2))) }
        let last = UInt16(start + 2 * 7499)
        for _ in 0..<2599 { bytes += Packet.two(0xc000 | last) + [0, 16, 0, 1, 0, 0, 0, 0, 0, 0] }
        let clock = ContinuousClock()
        var reaction = DNSReaction.ignore
        let elapsed = clock.measure { reaction = DNSResponderTests.respond(bytes, transport: .tcp) }
        guard case .forward = reaction else {
            Issue.record("not passed on: \(reaction)")
            return
        }
        #expect(elapsed < .seconds(1))
    }
}
