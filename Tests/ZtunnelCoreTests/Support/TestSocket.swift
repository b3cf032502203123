import Glibc
import Testing

/// A blocking TCP socket of a test, with time limits; made in the calling thread's network namespace.
final class TestSocket: @unchecked Sendable {
    // Only ever used by one thread at a time: the test that made it, or the server thread it was given to.
    let descriptor: CInt
    /// A send has reported the reset; the kernel says it only once.
    private var wasReset = false

    private init(_ descriptor: CInt, seconds: Int = 15) {
        self.descriptor = descriptor
        var limit = timeval(tv_sec: seconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    /// A listener on all addresses of both families.
    static func listen(_ port: UInt16, on host: String = "::") throws -> TestSocket {
        let made = TestSocket(socket(AF_INET6, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0), seconds: 3600)
        var one: CInt = 1
        setsockopt(made.descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<CInt>.size))
        var address = Self.address(host, port)
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(made.descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
            }
        }
        try #require(bound == 0 && Glibc.listen(made.descriptor, 4096) == 0, "listen on \(port): errno \(errno)")
        return made
    }

    struct ConnectError: Error, Equatable {
        let number: Int32
    }

    /// Connects to `host`:`port`. `mark`: SO_MARK of its packets, by which rules of a test know it.
    static func connect(_ host: String, _ port: UInt16, mark: UInt32? = nil) throws -> TestSocket {
        let made = TestSocket(socket(AF_INET6, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0))
        if var mark {
            let marked = setsockopt(
                made.descriptor, SOL_SOCKET, SO_MARK, &mark, socklen_t(MemoryLayout<UInt32>.size))
            try #require(marked == 0, "SO_MARK: errno \(errno)")
        }
        var address = Self.address(host, port)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(made.descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
            }
        }
        guard result == 0 else { throw ConnectError(number: errno) }
        return made
    }

    func accept() throws -> TestSocket {
        let accepted = Glibc.accept(descriptor, nil, nil)
        guard accepted >= 0 else { throw ConnectError(number: errno) }
        return TestSocket(accepted)
    }

    /// Sends all of it; false when the connection is gone.
    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Sends all of it; false when the connection is gone.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count <= 0 {
                wasReset = errno == ECONNRESET || errno == EPIPE
                return false
            }
            sent += count
        }
        return true
    }

    /// What came of a read.
    enum Received: Equatable {
        case text(String)
        case end
        case reset
        case nothing(Int32)
    }

    /// Waits for the next bytes, the end, or a reset.
    func receive() -> Received {
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count > 0 { return .text(String(decoding: buffer[..<count], as: UTF8.self)) }
        if count == 0 { return wasReset ? .reset : .end }
        return errno == ECONNRESET || errno == EPIPE ? .reset : .nothing(errno)
    }

    /// Bytes until `count` have come or the connection ended.
    func receive(count: Int) -> [UInt8] {
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 256 * 1024)
        while all.count < count {
            let got = recv(descriptor, &buffer, min(buffer.count, count - all.count), 0)
            if got <= 0 { break }
            all += buffer[..<got]
        }
        return all
    }

    /// Makes the coming close a reset.
    func resetOnClose() {
        var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
    }

    /// Ends the sending direction.
    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// The peer's address without its port.
    var peerHost: String {
        var address = sockaddr_in6()
        var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let result = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getpeername(descriptor, $0, &length) }
        }
        guard result == 0 else { return "" }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        _ = inet_ntop(AF_INET6, &address.sin6_addr, &text, socklen_t(text.count))
        let host = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return host.hasPrefix("::ffff:") ? String(host.dropFirst(7)) : host
    }

    private static func address(_ host: String, _ port: UInt16) -> sockaddr_in6 {
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = port.bigEndian
        let text = host.contains(":") ? host : "::ffff:\(host)"
        _ = inet_pton(AF_INET6, text, &address.sin6_addr)
        return address
    }
}
