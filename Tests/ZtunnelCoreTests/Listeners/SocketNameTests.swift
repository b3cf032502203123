import LinuxSystem
import NodeCore
import Testing
import ZtunnelCore

@Suite struct SocketNameTests {
    @Test(arguments: [
        (SocketName.ip(namespace: 0xf000_0219, .tcp, .any6(port: 15008)), "f0000219.t15008"),
        (.ip(namespace: 1, .tcp, .any4(port: 15001)), "1.t15001a4"),
        (.ip(namespace: 0xab, .udp, .loopback4(port: 15053)), "ab.u15053l4"),
        (.ip(namespace: 0xab, .tcp, .loopback6(port: 1)), "ab.t1l6"),
        (.ip(namespace: 7, .tcp, SocketAddress(high: 0, low: 0x0a00_0001, port: 80, isIPv4: true)), "7.t80x0a000001"),
        (
            .ip(namespace: 7, .udp, SocketAddress(high: 0xfd00 << 48, low: 1, port: 80, isIPv4: false)),
            "7.u80xfd000000000000000000000000000001"
        ),
        (.unix("control"), "unix.control"),
    ]) func textAndNameAreOne(name: SocketName, text: String) {
        #expect(name.description == text)
        #expect(SocketName(text) == name)
    }

    @Test(arguments: [
        "", "stored", "unix.", "unix.Control", "unix.a.b", "f0000219.t", "f0000219.t0150", "f0000219.x80", "F0.t80",
        "0f.t80",
        "f0.t65536", "f0.t80l5", "f0.t80x", "f0.t80x0a00", "f0.t80x0A000001", "f0.t80x00000000", "f0.t80xzz000001",
        ".t80",
        "f0.t80x+a000001", "f0.t٣",
    ]) func anythingElseIsNoName(text: String) {
        #expect(SocketName(text) == nil)
    }

    /// All sockets of as many workloads as a node takes fit in the one variable that systemd passes their names in.
    @Test func theNamesOfAFullNodeCanBeStored() {
        let names = (0..<UInt64(EnrolmentController.workloadLimit)).flatMap { number -> [SocketName] in
            let namespace = 0xf000_0000 + number
            return [15001, 15006, 15008].map { .ip(namespace: namespace, .tcp, .any6(port: $0)) }
                + [SocketName.Transport.tcp, .udp].flatMap { transport in
                    [SocketAddress.loopback4(port: 15053), .loopback6(port: 15053)].map {
                        SocketName.ip(namespace: namespace, transport, $0)
                    }
                }
        }
        #expect(names.reduce(0) { $0 + $1.description.utf8.count + 1 } < SocketStore.storedNameBytes)
    }
}
