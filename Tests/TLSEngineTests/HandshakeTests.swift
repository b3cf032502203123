import TLSEngine
import TestCertificates
import Testing

/// Z 2.1, both sides.
@Suite struct HandshakeTests {
    let fixture: Fixture

    init() throws {
        fixture = try Fixture.shared.get()
    }

    @Test(arguments: [1, 7, 1000, Int.max])
    func opensHoweverTheBytesAreCut(step: Int) throws {
        let joined = try fixture.join()
        joined.run(step: step)
        #expect(joined.bothOpen, "\(joined.clientError) \(joined.serverError)")
        #expect(joined.client.peer?.identity == Fixture.webURI)
        #expect(joined.server.peer?.identity == Fixture.shopURI)
        #expect(joined.client.cipherSuite == "TLS_AES_256_GCM_SHA384")
        #expect((joined.client.peer?.notAfter ?? 0) > 1_700_000_000)
        let message = [UInt8]((0..<100_000).map { UInt8(truncatingIfNeeded: $0) })
        for start in stride(from: 0, to: message.count, by: 16_384) {
            let error = message[start..<min(start + 16_384, message.count)].withUnsafeBytes { joined.client.write($0) }
            #expect(error == nil)
        }
        joined.run(step: step)
        let equal = joined.serverReceived == message
        #expect(equal)
    }

    @Test func clientRefusesAnotherIdentity() throws {
        let joined = try fixture.join(expected: ["spiffe://cluster.local/ns/default/sa/other"])
        joined.run()
        #expect(
            joined.clientError
                == "peer certificate is for \(Fixture.webURI), expected spiffe://cluster.local/ns/default/sa/other")
        #expect(joined.serverError.contains("alert"))
    }

    @Test func anEmptyListAlwaysFails() throws {
        let joined = try fixture.join(expected: [])
        joined.run()
        #expect(joined.clientError.contains("expected nobody"))
    }

    @Test func oneOfSeveralIsEnough() throws {
        let joined = try fixture.join(expected: ["spiffe://x/ns/y/sa/z", Fixture.webURI])
        joined.run()
        #expect(joined.bothOpen)
    }

    @Test func serverRefusesAnotherTrustDomain() throws {
        let foreign = try fixture.authority.issue(.init("spiffe://elsewhere/ns/default/sa/shop"))
        let joined = try fixture.join(client: foreign)
        joined.run()
        #expect(
            joined.serverError
                == "peer certificate is for spiffe://elsewhere/ns/default/sa/shop, expected an identity of the trust domain cluster.local"
        )
        #expect(joined.clientError.contains("the peer refused this end with the alert"))
    }

    @Test func serverRefusesACertificateWithoutNames() throws {
        let joined = try fixture.join(client: try fixture.authority.issue(.init()))
        joined.run()
        #expect(joined.serverError.contains("nobody (it has no subject alternative name)"))
    }

    @Test func aNodeCertificateIsNotAWorkload() throws {
        let joined = try fixture.join(client: try fixture.authority.issue(.init("spiffe://cluster.local/ambit/node/a")))
        joined.run()
        #expect(joined.serverError.contains("expected an identity of the trust domain"))
    }

    @Test(arguments: [true, false])
    func datesAreChecked(expired: Bool) throws {
        var options = TestAuthority.Options(Fixture.webURI)
        options.period = expired ? ("20200101000000Z", "20200102000000Z") : ("20990101000000Z", "20990102000000Z")
        let joined = try fixture.join(server: try fixture.authority.issue(options))
        joined.run()
        #expect(joined.clientError.contains(expired ? "certificate has expired" : "certificate is not yet valid"))
        #expect(joined.clientError.contains(Fixture.webURI))
    }

    @Test func keyUsageIsCheckedOnBothSides() throws {
        var serverOnly = TestAuthority.Options(Fixture.shopURI)
        serverOnly.usages = ["serverAuth"]
        let first = try fixture.join(client: try fixture.authority.issue(serverOnly))
        first.run()
        #expect(first.serverError.contains("purpose"))
        var clientOnly = TestAuthority.Options(Fixture.webURI)
        clientOnly.usages = ["clientAuth"]
        let second = try fixture.join(server: try fixture.authority.issue(clientOnly))
        second.run()
        #expect(second.clientError.contains("purpose"))
    }

    @Test func selfSignedIsRefused() throws {
        var options = TestAuthority.Options(Fixture.webURI)
        options.selfSigned = true
        let joined = try fixture.join(server: try fixture.authority.issue(options))
        joined.run()
        #expect(joined.clientError.contains("self-signed") || joined.clientError.contains("self signed"))
    }

    @Test func anotherRootIsRefused() throws {
        let other = try TestAuthority(name: "other")
        let joined = try fixture.join(clientRoots: other.rootPEM)
        joined.run()
        #expect(joined.clientError.contains("unable to get local issuer certificate"))
    }

    @Test func hostNamesForTheControlPlane() throws {
        var options = TestAuthority.Options()
        options.otherNames = ["DNS:ambitd.example", "IP:127.0.0.1"]
        let server = try fixture.authority.issue(options)
        for (host, good) in [("ambitd.example", true), ("127.0.0.1", true), ("other.example", false)] {
            let pool = CiphertextPool()
            let client = try TLSContext(
                role: .client, material: fixture.material(fixture.shop), verification: .hostname([host]))
            let context = try TLSContext(
                role: .server, material: fixture.material(server), verification: .trustDomain("cluster.local"))
            let joined = JoinedSessions(
                try TLSSession(client: client, serverName: host, expectedIdentities: nil, pool: pool),
                try TLSSession(server: .fixed(context), pool: pool))
            joined.run()
            #expect(joined.bothOpen == good)
            if !good { #expect(joined.clientError.contains("expected the host other.example")) }
        }
    }

    @Test func chooserPicksByServerName() throws {
        let context = try TLSContext(
            role: .server, material: fixture.material(fixture.web), verification: .trustDomain("cluster.local"))
        let client = try TLSContext(
            role: .client, material: fixture.material(fixture.shop), verification: .identities([Fixture.webURI]))
        let pool = CiphertextPool()
        var asked: [String?] = []
        let selection = TLSServerSelection.byServerName { name in
            asked.append(name)
            return name == "web.default.cluster.local"
                ? .use(context) : .refuse("no workload is called \(name ?? "(none)")")
        }
        for name in ["web.default.cluster.local", "gone.default.cluster.local", nil] {
            let joined = JoinedSessions(
                try TLSSession(client: client, serverName: name, expectedIdentities: nil, pool: pool),
                try TLSSession(server: selection, pool: pool))
            joined.run()
            #expect(joined.bothOpen == (name == "web.default.cluster.local"))
            if name == nil { #expect(joined.serverError == "no workload is called (none)") }
            if joined.bothOpen { #expect(joined.server.peer?.identity == Fixture.shopURI) }
        }
        #expect(asked == ["web.default.cluster.local", "gone.default.cluster.local", nil])
    }

    @Test func theChooserMayAskForTime() throws {
        let context = try TLSContext(
            role: .server, material: fixture.material(fixture.web), verification: .trustDomain("cluster.local"))
        let client = try TLSContext(
            role: .client, material: fixture.material(fixture.shop), verification: .identities([Fixture.webURI]))
        let pool = CiphertextPool()
        var asked: [String?] = []
        let selection = TLSServerSelection.byServerName { name in
            asked.append(name)
            return asked.count < 3 ? .wait { _ in } : .use(context)
        }
        for step in [Int.max, 7] {
            asked = []
            let joined = JoinedSessions(
                try TLSSession(
                    client: client, serverName: "web.default.cluster.local", expectedIdentities: nil, pool: pool),
                try TLSSession(server: selection, pool: pool))
            for count in 1...2 {
                joined.run(step: step)
                #expect(asked.count >= count)
                #expect(!joined.bothOpen && joined.serverError.isEmpty)
            }
            joined.run(step: step)
            #expect(joined.bothOpen)
            #expect(asked == Array(repeating: "web.default.cluster.local", count: 3))
            #expect(joined.server.peer?.identity == Fixture.shopURI)
        }
    }

    @Test func aHeldHandshakeTakesNoBytesBehindTheClientHello() throws {
        let client = try TLSContext(
            role: .client, material: fixture.material(fixture.shop), verification: .identities([Fixture.webURI]))
        let pool = CiphertextPool()
        let from = try TLSSession(client: client, serverName: "web", expectedIdentities: nil, pool: pool)
        let server = try TLSSession(server: .byServerName { _ in .wait { _ in } }, pool: pool)
        _ = from.handshake()
        let bytes = Array(from.output) + [23, 3, 3, 0, 1, 0]
        let result = bytes.withUnsafeBytes { raw in
            server.receive(raw)
            return server.handshake()
        }
        guard case .failed(let error) = result else {
            Issue.record("held")
            return
        }
        #expect(error.message.contains("bytes follow the ClientHello"))
    }

    @Test func chosenContextVerifiesTheClient() throws {
        let foreign = try fixture.authority.issue(.init("spiffe://elsewhere/ns/a/sa/b"))
        let context = try TLSContext(
            role: .server, material: fixture.material(fixture.web), verification: .trustDomain("cluster.local"))
        let client = try TLSContext(
            role: .client, material: fixture.material(foreign), verification: .identities([Fixture.webURI]))
        let pool = CiphertextPool()
        let joined = JoinedSessions(
            try TLSSession(client: client, serverName: "x", expectedIdentities: nil, pool: pool),
            try TLSSession(server: .byServerName { _ in .use(context) }, pool: pool))
        joined.run()
        #expect(joined.serverError.contains("expected an identity of the trust domain cluster.local"))
    }

    @Test func garbageIsNotTLS() throws {
        let joined = try fixture.join()
        let bytes = Array("GET / HTTP/1.1\r\n\r\n".utf8)
        let result = bytes.withUnsafeBytes { raw -> TLSHandshakeResult in
            joined.server.receive(raw)
            return joined.server.handshake()
        }
        guard case .failed(let error) = result else {
            Issue.record("accepted")
            return
        }
        #expect(error.code == .protocolViolation)
    }

    @Test func buffersGoBackToThePool() throws {
        let joined = try fixture.join()
        joined.run()
        let pool = CiphertextPool()
        #expect(pool.bytesInUse == 0)
        let block = [UInt8](repeating: 7, count: 16_384)
        for _ in 0..<200 { _ = block.withUnsafeBytes { joined.client.write($0) } }
        #expect(joined.client.outputCount > 3_000_000)
        joined.run()
        #expect(joined.serverReceived.count == 200 * 16_384)
        #expect(joined.client.outputCount == 0)
    }
}
