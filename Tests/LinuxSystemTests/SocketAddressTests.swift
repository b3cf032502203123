import LinuxSystem
import Testing

@Suite struct SocketAddressTests {
    @Test(
        arguments: [
            ([127, 0, 0, 1], "127.0.0.1:80"),
            ([255, 255, 255, 255], "255.255.255.255:80"),
            ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], "[::1]:80"),
            ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], "[::]:80"),
            ([0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1], "[2001:db8::1:0:0:1]:80"),
            ([0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1], "[2001:db8:0:1:1:1:1:1]:80"),
            ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 1, 2, 3], "10.1.2.3:80"),
        ] as [([UInt8], String)])
    func printsAsTheRFCSays(bytes: [UInt8], text: String) throws {
        let address = try #require(SocketAddress(ipBytes: bytes, port: 80))
        #expect(address.description == text)
        #expect(SocketAddress(ipBytes: address.ipBytes, port: 80) == address)
    }

    @Test func refusesOtherLengths() {
        #expect(SocketAddress(ipBytes: [], port: 1) == nil)
        #expect(SocketAddress(ipBytes: [1, 2, 3, 4, 5], port: 1) == nil)
    }
}
