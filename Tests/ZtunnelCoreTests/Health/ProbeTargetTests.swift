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
        let target = ProbeTarget(
            version: "1", probe: ReadinessProbe(.tcpSocket(port: 80, host: host)), namespace: nil, addresses: addresses)
        #expect(target.address?.description == expected)
    }

    @Test func aWorkloadWithoutAnAddressIsNotAsked() {
        let target = ProbeTarget(
            version: "1", probe: ReadinessProbe(.grpc(port: 80, service: "")), namespace: nil, addresses: [])
        #expect(target.address == nil)
    }
}
