import MeshModel
import MeshPolicy
import TLSEngine
import TestCertificates
import Testing

@testable import WaypointCore

/// What a DestinationRule's TLS block comes to.
@Suite struct EndpointTLSTests {
    /// Files that the test writes.
    final class Files: @unchecked Sendable {
        var texts: [String: String] = [:]

        func read(_ path: String) throws(TLSError) -> String {
            guard let text = texts[path] else { throw TLSError(.material, "there is no \(path)") }
            return text
        }
    }

    private func rule(_ tls: String) throws -> (Configured<DestinationRuleSpec>, DestinationRuleSpec.ClientTLS) {
        let text =
            #"{"metadata":{"name":"web","namespace":"shop"},"spec":{"host":"web","trafficPolicy":{"tls":\#(tls)}}}"#
        let resource = Resource(kind: .destinationRule, object: try JSONValue(parsing: Array(text.utf8)))
        let spec = try DestinationRuleSpec(resource.object)
        return (Configured(resource, spec), try #require(spec.trafficPolicy?.tls))
    }

    @Test func simpleTrustsTheMachineUnlessFilesAreNamed() throws {
        let files = Files()
        var loader = EndpointTLSLoader(files: ConfiguredFiles(read: files.read))
        let (system, block) = try rule(#"{"mode":"SIMPLE"}"#)
        let (contexts, notes) = loader.load([system])
        #expect(notes.isEmpty)
        _ = try contexts.context(for: block)
        #expect(!loader.haveFilesChanged())
        let (named, other) = try rule(#"{"mode":"SIMPLE","caCertificates":"/ca.pem"}"#)
        let (missing, problems) = loader.load([named])
        #expect(problems == ["DestinationRule shop/web: there is no /ca.pem"])
        #expect(throws: TLSError.self) { try missing.context(for: other) }
        // What is not loaded is not in the clear.
        #expect(throws: TLSError.self) { try missing.context(for: block) }
        files.texts["/ca.pem"] = try TestAuthority().rootPEM
        #expect(loader.haveFilesChanged())
        let (found, none) = loader.load([named])
        #expect(none.isEmpty && !loader.haveFilesChanged())
        _ = try found.context(for: other)
    }

    @Test func mutualNeedsItsFilesAndKeepsTheLastGoodOnes() throws {
        let authority = try TestAuthority()
        let issued = try authority.issue(.init("spiffe://x/client"))
        let files = Files()
        files.texts = ["/ca": authority.rootPEM, "/crt": issued.certificatePEM, "/key": issued.keyPEM]
        var loader = EndpointTLSLoader(files: ConfiguredFiles(read: files.read))
        let (mutual, block) = try rule(
            #"{"mode":"MUTUAL","clientCertificate":"/crt","privateKey":"/key","caCertificates":"/ca"}"#)
        let (first, _) = loader.load([mutual])
        let context = try first.context(for: block)
        #expect(try loader.load([mutual]).0.context(for: block) === context)
        files.texts["/crt"] = "half a cert"
        #expect(loader.haveFilesChanged())
        let (second, notes) = loader.load([mutual])
        #expect(notes.count == 1)
        #expect(try second.context(for: block) === context)
        files.texts["/crt"] = issued.certificatePEM
        files.texts["/ca"] = try TestAuthority(name: "next").rootPEM
        #expect(try loader.load([mutual]).0.context(for: block) !== context)
    }

    @Test func secretsHaveCertificatesAndRoots() throws {
        let authority = try TestAuthority()
        let issued = try authority.issue(.init("spiffe://x/client"))
        var loader = EndpointTLSLoader(files: ConfiguredFiles(read: Files().read))
        let (named, block) = try rule(#"{"mode":"MUTUAL","credentialName":"partner"}"#)
        let (missing, notes) = loader.load([named])
        #expect(
            notes == [
                "DestinationRule shop/web: tls.credentialName: there is no Secret partner in the waypoint's namespace"
            ])
        #expect(throws: TLSError.self) { try missing.context(for: block) }
        func secret(_ data: [String: String]) throws -> SecretSpec {
            let fields = data.map { (name: $0.key, value: JSONValue.string($0.value)) }
            var object = JSONObject()
            for field in fields { object[field.name] = field.value }
            var document = JSONObject()
            document["stringData"] = .object(object)
            return try SecretSpec(.object(document))
        }
        let key = ["tls.crt": issued.certificatePEM, "tls.key": issued.keyPEM]
        let whole = try secret(key.merging(["ca.crt": authority.rootPEM]) { one, _ in one })
        #expect(loader.load([named], ["partner": whole]).notes.isEmpty)
        let apart = ["partner": try secret(key), "partner-cacert": try secret(["cacert": authority.rootPEM])]
        let (contexts, none) = loader.load([named], apart)
        #expect(none.isEmpty)
        _ = try contexts.context(for: block)
        // A list that cannot be read is not left out.
        let unreadable = [
            "partner": apart["partner"], "partner-cacert": try secret(["cacert": authority.rootPEM, "crl": "none"]),
        ]
        var fresh = EndpointTLSLoader(files: ConfiguredFiles(read: Files().read))
        let refused = fresh.load([named], unreadable.compactMapValues { $0 }).notes
        #expect(refused.count == 1 && refused[0].contains("list of revocations"), "\(refused)")
        var other = EndpointTLSLoader(files: ConfiguredFiles(read: Files().read))
        #expect(other.load([named], ["partner": try secret(["ca.crt": authority.rootPEM])]).notes.count == 1)
    }

    @Test func theMeshsOwnNeedsNothing() throws {
        var loader = EndpointTLSLoader(files: ConfiguredFiles(read: Files().read))
        for mode in ["DISABLE", "ISTIO_MUTUAL"] {
            #expect(loader.load([try rule(#"{"mode":"\#(mode)"}"#).0]).notes.isEmpty)
        }
    }

    @Test(arguments: [
        (#"{"mode":"SIMPLE"}"#, [], "api.example.com", ["api.example.com"]),
        (#"{"mode":"SIMPLE","sni":"edge.example"}"#, [], "edge.example", ["edge.example"]),
        (#"{"mode":"SIMPLE","subjectAltNames":["a","b"]}"#, ["c"], "api.example.com", ["a", "b"]),
        (#"{"mode":"SIMPLE"}"#, ["c"], "api.example.com", ["c"]),
    ])
    func namesComeFromTheRuleThenTheService(tls: String, service: [String], asked: String, accepted: [String]) throws {
        let names = EndpointServerName(
            try rule(tls).1,
            service: Service(
                name: "api", namespace: "shop", hostname: "api.example.com", subjectAltNames: service))
        #expect(names.asked == asked && names.accepted == accepted)
    }

    @Test func anAddressIsNoServerName() throws {
        let names = EndpointServerName(
            try rule(#"{"mode":"SIMPLE","sni":"192.0.2.1"}"#).1,
            service: Service(name: "api", namespace: "shop", hostname: "api.example.com"))
        #expect(names.asked == nil && names.accepted == ["192.0.2.1"])
    }
}
