import MeshModel
import NodeCore
import Testing
import ZtunnelCore

/// Where a probe connects: to the workload, and to nobody else.
@Suite struct ProbeTargetTests {
    @Test(
        arguments: [
            ("", "10.0.0.1:80"), ("localhost", "127.0.0.1:80"), ("127.0.0.9", "127.0.0.9:80"), ("::1", "[::1]:80"),
            ("fd00::1", "[fd00::1]:80"), ("10.0.0.2", nil), ("169.254.169.254", nil), ("db.example.com", nil),
        ] as [(String, String?)])
    func address(host: String, expected: String?) throws {
        let addresses = [IPAddress(ipv4: 10, 0, 0, 1), try #require(IPAddress("fd00::1"))]
        let target = target(ReadinessProbe(.tcpSocket(port: 80, host: host)), addresses)
        #expect(target.address?.description == expected)
    }

    @Test func aWorkloadWithoutAnAddressIsNotAsked() {
        #expect(target(ReadinessProbe(.grpc(port: 80, service: "")), []).address == nil)
    }

    @Test func aCommandConnectsNowhere() {
        #expect(target(ReadinessProbe(.exec(command: ["/x"])), [IPAddress(ipv4: 10, 0, 0, 1)]).address == nil)
    }

    private func target(_ probe: ReadinessProbe, _ addresses: [IPAddress]) -> ProbeTarget {
        ProbeTarget(
            version: "1", probe: probe, namespace: nil, addresses: addresses, uid: "shop/web", group: "shop/web",
            place: .host)
    }
}
