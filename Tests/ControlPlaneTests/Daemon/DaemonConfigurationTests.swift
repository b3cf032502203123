import Testing

@testable import ControlPlane

/// What ambitd tells others to reach it by.
@Suite struct DaemonConfigurationTests {
    private func configuration(api: String, advertised: [String] = []) throws -> DaemonConfiguration {
        DaemonConfiguration(
            stateDirectory: "/nowhere", api: try #require(ListenAddress(api)),
            grpc: try #require(ListenAddress("0.0.0.0:15012")), metrics: try #require(ListenAddress("0.0.0.0:15014")),
            join: try #require(ListenAddress("[::]:15013")), trustDomain: "cluster.local",
            advertisedNames: advertised, ownNames: ["192.0.2.2", "fd00::2", "control"], version: "1")
    }

    @Test(
        arguments: [
            ("0.0.0.0:6443", [], "https://192.0.2.2:6443"),
            ("127.0.0.1:7000", [], "https://127.0.0.1:7000"),
            ("[fd00::2]:6443", [], "https://[fd00::2]:6443"),
            ("127.0.0.1:7000", ["mesh.example.com"], "https://mesh.example.com:7000"),
        ] as [(String, [String], String)])
    func `the administrator's address is one that the server listens on`(
        api: String, advertised: [String], expected: String
    ) throws {
        #expect(try configuration(api: api, advertised: advertised).serverURL == expected)
    }

    @Test func `a join token has every address of a server that listens on all`() throws {
        let expected = ["192.0.2.2:15013", "[fd00::2]:15013", "control:15013"]
        #expect(try configuration(api: "127.0.0.1:7000").joinAddresses == expected)
    }

    @Test func `the certificate has what is listened on and the loopback names`() throws {
        let names = try configuration(api: "198.51.100.7:7000", advertised: ["mesh.example.com"]).serverNames
        #expect(names == ["mesh.example.com", "198.51.100.7", "localhost", "127.0.0.1", "::1"])
    }
}
