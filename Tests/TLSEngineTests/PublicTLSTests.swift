import TLSEngine
import TestCertificates
import Testing

/// TLS with peers outside the mesh: whom a client and a server take, and what they come to.
@Suite struct PublicTLSTests {
    static let shared = Result { try Hosts() }

    /// One authority, a server and a client.
    struct Hosts: Sendable {
        let authority: TestAuthority
        let server: TestAuthority.Issued
        let client: TestAuthority.Issued

        init() throws {
            authority = try TestAuthority(name: "public root")
            var names = TestAuthority.Options("spiffe://elsewhere/thing")
            names.otherNames = ["DNS:shop.example", "DNS:*.wild.example", "IP:192.0.2.7"]
            server = try authority.issue(names)
            var own = TestAuthority.Options("spiffe://elsewhere/client")
            own.otherNames = ["DNS:client.example"]
            client = try authority.issue(own)
        }
    }

    let hosts: Hosts
    let pool = CiphertextPool()

    init() throws {
        hosts = try Self.shared.get()
    }

    func certificate(_ issued: TestAuthority.Issued) -> TLSCertificate {
        TLSCertificate(chainPEM: issued.certificatePEM, keyPEM: issued.keyPEM)
    }

    var trusting: PublicTLSClientSettings {
        PublicTLSClientSettings(trust: .roots(hosts.authority.rootPEM, revocations: nil))
    }

    var serving: PublicTLSServerSettings { PublicTLSServerSettings(certificates: [certificate(hosts.server)]) }

    func join(
        _ client: PublicTLSClientSettings, _ server: PublicTLSServerSettings, names: TLSPeerNames,
        protocols: [String] = []
    ) throws -> JoinedSessions {
        let context = try PublicTLSContext(server: server)
        let joined = JoinedSessions(
            try TLSSession(
                client: PublicTLSContext(client: client), serverName: "shop.example", names: names,
                protocols: protocols, pool: pool),
            try TLSSession(server: { _ in .use(context) }, pool: pool))
        joined.run()
        return joined
    }

    @Test(arguments: [
        "shop.example", "SHOP.example", "a.wild.example", "192.0.2.7", "spiffe://elsewhere/thing",
    ])
    func takesEachKindOfName(name: String) throws {
        let joined = try join(trusting, serving, names: .oneOf(["nobody.example", name]))
        #expect(joined.bothOpen, "\(joined.clientError) \(joined.serverError)")
    }

    @Test(arguments: ["other.example", "wild.example", "a.b.wild.example", "192.0.2.8", "spiffe://elsewhere/thin"])
    func refusesAnyOther(name: String) throws {
        let joined = try join(trusting, serving, names: .oneOf([name]))
        #expect(joined.clientError.hasPrefix("peer certificate is for spiffe://elsewhere/thing, expected \(name)"))
        #expect(joined.serverError.contains("alert"))
    }

    @Test func anEmptyListOfNamesAlwaysFails() throws {
        let joined = try join(trusting, serving, names: .oneOf([]))
        #expect(joined.clientError.contains("expected nobody"))
    }

    @Test func anotherRootIsRefusedWhateverTheName() throws {
        let other = try TestAuthority(name: "other public root")
        let client = PublicTLSClientSettings(trust: .roots(other.rootPEM, revocations: nil))
        #expect(try join(client, serving, names: .any).clientError.contains("unable to get local issuer certificate"))
        // The machine's own roots do not know the test's either.
        let system = try join(PublicTLSClientSettings(trust: .system), serving, names: .any)
        #expect(system.clientError.contains("issuer certificate"))
    }

    @Test func unverifiedTakesAnybody() throws {
        let joined = try join(PublicTLSClientSettings(trust: .unverified), serving, names: .oneOf([]))
        #expect(joined.bothOpen)
        #expect(joined.client.peerCertificate?.dnsNames == ["shop.example", "*.wild.example"])
    }

    @Test func revokedCertificatesAreRefused() throws {
        let none = try hosts.authority.revocations(of: [])
        let list = try hosts.authority.revocations(of: [hosts.server])
        for (revocations, good) in [(none, true), (list, false)] {
            let client = PublicTLSClientSettings(trust: .roots(hosts.authority.rootPEM, revocations: revocations))
            let joined = try join(client, serving, names: .any)
            #expect(joined.bothOpen == good)
            if !good { #expect(joined.clientError.contains("certificate revoked")) }
        }
    }

    @Test(arguments: [TLSVersion.tls12, .tls13])
    func versionsMeetOrDoNot(version: TLSVersion) throws {
        var server = serving
        server.lowest = version
        server.highest = version
        let joined = try join(trusting, server, names: .any)
        #expect(joined.bothOpen)
        #expect(joined.client.cipherSuite.hasPrefix("TLS_") == (version == .tls13))
        var other = trusting
        other.lowest = version == .tls12 ? .tls13 : .tls12
        other.highest = other.lowest
        #expect(try !join(other, server, names: .any).bothOpen)
    }

    @Test func aSuiteMayBeDemanded() throws {
        var server = serving
        server.highest = .tls12
        server.cipherSuites = ["ECDHE-ECDSA-AES256-GCM-SHA384"]
        let joined = try join(trusting, server, names: .any)
        #expect(joined.client.cipherSuite == "ECDHE-ECDSA-AES256-GCM-SHA384")
        server.cipherSuites = ["NO-SUCH-SUITE"]
        #expect(throws: TLSError.self) { try PublicTLSContext(server: server) }
    }

    @Test(arguments: [
        (["h2", "http/1.1"], ["h2", "http/1.1"], "h2"), (["h2", "http/1.1"], ["http/1.1"], "http/1.1"),
        (["http/1.1"], ["h2", "http/1.1"], "http/1.1"), (["h2"], ["http/1.1"], nil), (["h2"], [], nil),
        ([], ["h2"], nil),
    ])
    func protocolsAreTheServersChoice(served: [String], offered: [String], result: String?) throws {
        var server = serving
        server.protocols = served
        let joined = try join(trusting, server, names: .any, protocols: offered)
        #expect(joined.bothOpen)
        #expect(joined.client.applicationProtocol == result)
        #expect(joined.server.applicationProtocol == result)
    }

    @Test func choosesByWhatIsAskedFor() throws {
        let context = try PublicTLSContext(server: serving)
        var asked: [TLSClientOffer] = []
        let client = try PublicTLSContext(client: trusting)
        for (name, good) in [("shop.example", true), ("Other.example", false), (nil, false)] {
            let joined = JoinedSessions(
                try TLSSession(
                    client: client, serverName: name, names: .any, protocols: ["h2", "http/1.1"], pool: pool),
                try TLSSession(
                    server: { offer in
                        asked.append(offer)
                        return offer.serverName == "shop.example" ? .use(context) : .refuse("no such host")
                    }, pool: pool))
            joined.run(step: 9)
            #expect(joined.bothOpen == good)
            if !good { #expect(joined.serverError == "no such host") }
        }
        #expect(asked.map(\.serverName) == ["shop.example", "other.example", nil])
        #expect(asked.allSatisfy { $0.protocols == ["h2", "http/1.1"] })
    }

    @Test func clientsMustOrMayHaveCertificates() throws {
        let trust = TLSTrust.roots(hosts.authority.rootPEM, revocations: nil)
        var known = trusting
        known.certificate = certificate(hosts.client)
        var foreign = trusting
        foreign.certificate = certificate(try TestAuthority(name: "third").issue(.init("spiffe://third/client")))
        // What is wanted, who comes, whether the server takes it.
        let cases: [(TLSClientCertificates, PublicTLSClientSettings, Bool, String)] = [
            (.notAsked, trusting, true, ""), (.notAsked, foreign, true, ""),
            (.optional(trust, .any), trusting, true, ""), (.optional(trust, .any), known, true, ""),
            (.optional(trust, .any), foreign, false, "issuer certificate"),
            (.required(trust, .any), known, true, ""),
            (.required(trust, .any), trusting, false, "peer did not return a certificate"),
            (.required(trust, .any), foreign, false, "issuer certificate"),
            (.required(trust, .oneOf(["client.example"])), known, true, ""),
            (.required(trust, .oneOf(["spiffe://elsewhere/client"])), known, true, ""),
            (.required(trust, .oneOf(["other.example"])), known, false, "expected other.example"),
        ]
        for version in [TLSVersion.tls12, .tls13] {
            for (wanted, client, good, reason) in cases {
                var server = serving
                server.clients = wanted
                server.highest = version
                let joined = try join(client, server, names: .any)
                #expect(joined.serverError.isEmpty == good, "\(wanted) \(joined.serverError)")
                #expect(joined.serverError.contains(reason))
                if good, client.certificate != nil, wanted != .notAsked {
                    #expect(joined.server.peerCertificate?.uriNames == ["spiffe://elsewhere/client"])
                    #expect(joined.server.peerCertificate?.dnsNames == ["client.example"])
                }
            }
        }
    }

    @Test func pinnedClientsAreThoseOfEitherList() throws {
        let digests = try hosts.authority.digests(of: hosts.client)
        let other = [UInt8](repeating: 7, count: 32)
        var known = trusting
        known.certificate = certificate(hosts.client)
        let cases: [(TLSCertificatePins, Bool)] = [
            (TLSCertificatePins(), true), (TLSCertificatePins(certificates: [digests.certificate]), true),
            (TLSCertificatePins(keys: [digests.key]), true),
            (TLSCertificatePins(certificates: [other], keys: [other, digests.key]), true),
            (TLSCertificatePins(certificates: [digests.key], keys: [digests.certificate]), false),
            (TLSCertificatePins(certificates: [other]), false), (TLSCertificatePins(keys: [other]), false),
        ]
        for (pins, good) in cases {
            var server = serving
            server.clients = .optional(.roots(hosts.authority.rootPEM, revocations: nil), .any)
            server.pins = pins
            let joined = try join(known, server, names: .any)
            #expect(joined.serverError.isEmpty == good, "\(pins) \(joined.serverError)")
            if !good { #expect(joined.serverError.contains("nor that of its key is among those wanted")) }
            // Who needs no certificate needs no pinned one.
            #expect(try join(trusting, server, names: .any).bothOpen)
        }
    }

    @Test func aServerMayTakeWhateverCertificateAClientHas() throws {
        var foreign = trusting
        foreign.certificate = certificate(try TestAuthority(name: "fourth").issue(.init("spiffe://fourth/client")))
        for isRequired in [false, true] {
            var server = serving
            server.clients = .unverified(isRequired: isRequired)
            let joined = try join(foreign, server, names: .any)
            #expect(joined.bothOpen, "\(joined.serverError)")
            #expect(joined.server.peerCertificate?.uriNames == ["spiffe://fourth/client"])
            #expect(try join(trusting, server, names: .any).serverError.isEmpty == !isRequired)
        }
    }

    @Test func revokedClientsAreRefused() throws {
        var known = trusting
        known.certificate = certificate(hosts.client)
        for (revoked, good) in [([hosts.server], true), ([hosts.client], false)] {
            let list = try hosts.authority.revocations(of: revoked)
            var server = serving
            server.clients = .required(.roots(hosts.authority.rootPEM, revocations: list), .any)
            let joined = try join(known, server, names: .any)
            #expect(joined.serverError.isEmpty == good)
            if !good { #expect(joined.serverError.contains("certificate revoked")) }
        }
    }

    @Test func aServerNeverAsksWithoutRoots() {
        var server = serving
        server.clients = .required(.unverified, .any)
        #expect(throws: TLSError.self) { try PublicTLSContext(server: server) }
        #expect(throws: TLSError.self) { try PublicTLSContext(server: PublicTLSServerSettings(certificates: [])) }
    }

    @Test func aTunnelTakesNoPublicClient() throws {
        let mesh = try Fixture.shared.get()
        let tunnel = try TLSContext(
            role: .server, material: mesh.material(mesh.web), verification: .trustDomain("cluster.local"))
        var client = PublicTLSClientSettings(trust: .unverified)
        client.certificate = TLSCertificate(chainPEM: mesh.shop.certificatePEM, keyPEM: mesh.shop.keyPEM)
        // With the right certificate, but without h2.
        let joined = JoinedSessions(
            try TLSSession(
                client: PublicTLSContext(client: client), serverName: nil, names: .any, protocols: ["http/1.1"],
                pool: pool),
            try TLSSession(server: .fixed(tunnel), pool: pool))
        joined.run()
        #expect(joined.serverError.contains("no application protocol"))
    }
}
