import Foundation
import MeshModel
import Testing

@testable import CommandLineTool

/// What `join` decides without a server; Tests/EndToEnd/test_join.py joins for real.
@Suite struct JoinTests {
    @Test(
        "an address is a host with or without a port",
        arguments: [
            ("192.0.2.1", "192.0.2.1:15013"), ("control.example", "control.example:15013"),
            ("control:443", "control:443"),
            ("2001:db8::1", "[2001:db8::1]:15013"), ("[2001:db8::1]:443", "[2001:db8::1]:443"), ("", nil), ("a b", nil),
            ("host:0", nil), ("host:x", nil), ("https://host", nil),
        ] as [(String, String?)])
    func endpoints(text: String, endpoint: String?) {
        #expect((try? JoinEndpoint(text))?.description == endpoint)
    }

    @Test("settings are set where they stand, others stay as they are")
    func settings() {
        let values = [("NODE_NAME", "host-1"), ("XDS_ADDRESS", "https://a:15012")]
        let fresh = NodeSettings.merge(values, into: "")
        #expect(fresh.hasSuffix("\nNODE_NAME=host-1\nXDS_ADDRESS=https://a:15012\n") && fresh.hasPrefix("#"))
        #expect(NodeSettings.merge(values, into: fresh) == fresh)
        let present = "# mine\nRUST_LOG=debug\n XDS_ADDRESS = https://old\n\nNODE_NAME=x\nNODE_NAME=y\n"
        #expect(
            NodeSettings.merge(values, into: present)
                == "# mine\nRUST_LOG=debug\nXDS_ADDRESS=https://a:15012\n\nNODE_NAME=host-1\n")
    }

    @Test(
        "lengths of time",
        arguments: [
            ("90s", 90), ("30m", 1_800), ("1h", 3_600), ("2d", 172_800), ("0s", nil), ("-1h", nil), ("1", nil),
            ("h", nil), ("", nil),
        ]
            as [(String, Int?)])
    func durations(text: String, seconds: Int?) {
        #expect(ShortDuration(argument: text)?.seconds == seconds)
    }

    @Test("the pinned root is found by its key, whatever stands beside it")
    func pins() throws {
        let root = try Fixture.text("ca.crt")
        let other = try Fixture.text("other-ca.crt")
        // openssl x509 -in ca.crt -noout -pubkey | openssl pkey -pubin -outform der | sha256sum
        let pin = "a7962a2867bca9ca015c9fe74b59cbac5e1ded9e8b8ec44bcf1094470deeed9e"
        #expect(RootPin.matching("", in: root).isEmpty)
        #expect(RootPin.matching(pin, in: root).count == 1)
        #expect(RootPin.matching(pin, in: other + root).count == 1)
        #expect(RootPin.matching(pin, in: other).isEmpty)
        #expect(RootPin.matching(pin, in: "nonsense").isEmpty)
        #expect(RootPin.matching(pin, in: "").isEmpty)
    }

    @Test("the files of a membership are whole, the key private, and a second join needs --force")
    func files() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("join-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = NodeFiles(
            stateDirectory: folder.path + "/state", configurationDirectory: folder.path + "/etc")
        try files.check(replacing: false)
        let membership = Membership(
            node: "host-1", trustDomain: "mesh.example", certificate: "chain\n", key: "key\n", roots: "roots\n",
            notAfter: "2026-12-24T00:00:00Z", controlPort: 15_012, grants: [])
        try FileManager.default.createDirectory(
            atPath: folder.path + "/state/certificates", withIntermediateDirectories: true)
        try files.write(membership, endpoint: try JoinEndpoint("2001:db8::1"))
        let mode = { (name: String) in
            try FileManager.default.attributesOfItem(atPath: folder.path + name)[.posixPermissions] as? Int
        }
        #expect(try mode("/state/node/node.key") == 0o600)
        #expect(try mode("/state/node") == 0o700)
        #expect(try String(contentsOfFile: files.certificate, encoding: .utf8) == "chain\n")
        let settings = try String(contentsOfFile: files.environment, encoding: .utf8)
        #expect(settings.contains("\nXDS_ADDRESS=https://[2001:db8::1]:15012\n"))
        #expect(settings.contains("\nAMBIT_NODE_KEY=\(folder.path)/state/node/node.key\n"))
        #expect(settings.contains("\nTRUST_DOMAIN=mesh.example\n"))
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/state/certificates"), "of the old membership")
        let again = #expect(throws: CommandFailure.self) { try files.check(replacing: false) }
        #expect(again?.message?.contains("is a node already") == true)
        try files.check(replacing: true)
    }

    @Test("a key's request names the node alone, and a chain of another key is not taken")
    func keys() throws {
        let key = NodeKey()
        #expect(try key.request(node: "host-1", trustDomain: "cluster.local").contains("BEGIN CERTIFICATE REQUEST"))
        #expect(!key.isKey(ofChain: try Fixture.text("server.crt")))
        #expect(!key.isKey(ofChain: "nonsense"))
    }
}
