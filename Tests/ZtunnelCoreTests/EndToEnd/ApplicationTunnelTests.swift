import MeshModel
import Testing
import ZtunnelCore

/// Applications that ask to be told who connects, by a PROXY preamble (Z 2.8).
@Suite(.serialized, .timeLimit(.minutes(1))) struct ApplicationTunnelTests {
    @Test func theApplicationIsToldTheClientAndItsIdentity() throws {
        let mesh = try TestMesh("proxy", enrolled: ["client", "server"])
        mesh.publish(applicationTunnels: ["server": ApplicationTunnel(preamble: .proxy, port: 9000)])
        // The server sends back what it got before the first byte of the client, in digits.
        try mesh.serve("server", port: 9000) { socket in
            let head = socket.receive(count: 16)
            guard head.count == 16 else { return }
            let body = socket.receive(count: Int(head[14]) << 8 | Int(head[15]))
            socket.send((head + body).map { String($0) }.joined(separator: " "))
        }
        let socket = try mesh.connect(from: "client", to: "server", port: 8080)
        guard case .text(let text) = socket.receive() else {
            Issue.record("no answer: \(mesh.log.all)")
            return
        }
        let bytes = text.split(separator: " ").compactMap { UInt8($0) }
        let identity = Array("spiffe://cluster.local/ns/default/sa/client".utf8)
        #expect(
            Array(bytes[..<14]) == [0x0D, 0x0A, 0x0D, 0x0A, 0, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A, 0x21, 0x11])
        #expect(Array(bytes[16..<20]) == [10, 99, 0, 1])
        #expect(Array(bytes[20..<24]) == [10, 99, 0, 2])
        #expect(Array(bytes[26..<28]) == [0x1F, 0x90])
        #expect(Array(bytes[28..<31]) == [0xD0, 0, UInt8(identity.count)])
        #expect(Array(bytes[31...]) == identity)
    }
}
