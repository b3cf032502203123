import LinuxSystem
import NodeCore
import Testing
import ZtunnelCore

/// The PROXY protocol version 2 preamble, byte by byte.
@Suite struct ProxyPreambleTests {
    private func address(_ bytes: [UInt8], _ port: UInt16) throws -> SocketAddress {
        try #require(SocketAddress(ipBytes: bytes, port: port))
    }

    @Test func iPv4CarriesBothAddressesAndTheIdentity() throws {
        let preamble = ProxyPreamble.make(
            source: try address([10, 0, 0, 1], 40000), destination: try address([10, 0, 0, 2], 8080),
            identity: "spiffe://x")
        #expect(
            preamble == [0x0D, 0x0A, 0x0D, 0x0A, 0, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A, 0x21, 0x11, 0, 25]
                + [10, 0, 0, 1, 10, 0, 0, 2, 0x9C, 0x40, 0x1F, 0x90, 0xD0, 0, 10] + Array("spiffe://x".utf8))
    }

    @Test func withoutIdentityThereIsNoTLV() throws {
        let preamble = ProxyPreamble.make(
            source: try address([10, 0, 0, 1], 1), destination: try address([10, 0, 0, 2], 2), identity: nil)
        #expect(preamble.count == 28)
        #expect(preamble[15] == 12)
    }

    @Test func mixedFamiliesAreWrittenAsIPv6() throws {
        let six = [UInt8](repeating: 0xFD, count: 16)
        let preamble = ProxyPreamble.make(
            source: try address([10, 0, 0, 1], 1), destination: try address(six, 2), identity: nil)
        #expect(preamble[13] == 0x21)
        #expect(preamble.count == 16 + 36)
        #expect(Array(preamble[16..<32]) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 10, 0, 0, 1])
        #expect(Array(preamble[32..<48]) == six)
    }

    @Test func anIdentityOfAbsurdLengthIsLeftOut() throws {
        let preamble = ProxyPreamble.make(
            source: try address([10, 0, 0, 1], 1), destination: try address([10, 0, 0, 2], 2),
            identity: String(repeating: "a", count: 70_000))
        #expect(preamble.count == 28)
    }

    @Test func theTextFormHasOneLine() throws {
        let four = try address([10, 0, 0, 1], 40000)
        let six = try address([0xFD] + [UInt8](repeating: 0, count: 14) + [1], 443)
        func text(_ source: SocketAddress?, _ destination: SocketAddress) -> String {
            String(decoding: ProxyPreamble.text(source: source, destination: destination), as: UTF8.self)
        }
        #expect(text(four, try address([10, 0, 0, 2], 80)) == "PROXY TCP4 10.0.0.1 10.0.0.2 40000 80\r\n")
        #expect(text(six, six) == "PROXY TCP6 fd00::1 fd00::1 443 443\r\n")
        #expect(text(four, six) == "PROXY TCP6 ::ffff:10.0.0.1 fd00::1 40000 443\r\n")
        #expect(text(nil, six) == "PROXY UNKNOWN\r\n")
    }

    @Test func withoutASourceItIsTheProxysOwn() throws {
        let preamble = ProxyPreamble.make(source: nil, destination: try address([10, 0, 0, 2], 80), identity: nil)
        #expect(preamble.count == 16)
        #expect(Array(preamble.suffix(4)) == [0x20, 0, 0, 0])
    }
}
