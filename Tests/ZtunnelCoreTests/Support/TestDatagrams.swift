import Glibc
import Testing

/// A resolver of a test: answers one question with a fixed address.
final class TestDatagrams: @unchecked Sendable {
    // Used by the one thread that answers.
    private let descriptor: CInt

    init(port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(bound == 0)
    }

    deinit { close(descriptor) }

    func answerOnce(address: [UInt8]) {
        var buffer = [UInt8](repeating: 0, count: 1500)
        var from = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let count = withUnsafeMutablePointer(to: &from) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                recvfrom(descriptor, &buffer, buffer.count, 0, $0, &length)
            }
        }
        guard count > 12 else { return }
        var answer = Array(buffer[..<count])
        answer[2] |= 0x80
        answer[7] = 1
        answer += [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4] + address
        _ = withUnsafePointer(to: &from) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, answer, answer.count, 0, $0, length)
            }
        }
    }
}
