import LinuxSystem
import MeshModel
import NodeCore
import Testing
import ZtunnelCore

/// Who may speak through a host workload's outbound listener.
@Suite struct RedirectedConnectionTests {
    private static func at(_ text: String) -> SocketAddress { SocketAddress(Mesh.at(text)) }

    @Test(arguments: ["203.0.113.1:443", "127.0.0.1:80", "127.0.0.2:16001", "10.0.0.1:16001", "[2001:db8::1]:80"])
    func whatWasRedirectedHasAnotherDestination(_ original: String) {
        #expect(
            RedirectedConnection.destination(original: Self.at(original), acceptedOn: Self.at("127.0.0.1:16001"))
                == Self.at(original))
    }

    @Test func whatWasNotRedirectedHasNone() {
        let local = Self.at("127.0.0.1:16001")
        #expect(RedirectedConnection.destination(original: nil, acceptedOn: local) == nil)
        #expect(RedirectedConnection.destination(original: local, acceptedOn: local) == nil)
    }
}
