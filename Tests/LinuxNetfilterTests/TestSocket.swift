import Glibc
import Testing

/// A blocking TCP socket of a test, with two-second time limits; made in the calling thread's network namespace.
final class TestSocket: @unchecked Sendable {
    // Only ever used by the one test that made it.
    let descriptor: CInt

    private init(_ descriptor: CInt) {
        self.descriptor = descriptor
        var limit = timeval(tv_sec: 2, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    /// A listener on all addresses of both families, or on one address.
    static func listen(_ port: UInt16, on host: String = "::", mark: UInt32? = nil) throws -> TestSocket {
        let made = TestSocket(socket(AF_INET6, Int32(SOCK_STREAM.rawValue), 0))
        if var mark { setsockopt(made.descriptor, SOL_SOCKET, SO_MARK, &mark, socklen_t(MemoryLayout<UInt32>.size)) }
        var one: CInt = 1
        setsockopt(made.descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<CInt>.size))
        var address = Self.address(host, port)
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(made.descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
            }
        }
        try #require(bound == 0 && Glibc.listen(made.descriptor, 16) == 0, "listen on \(port): errno \(errno)")
        return made
    }

    /// Connects to `host`:`port`; returns the socket, or the error number. `source`: from this address and port, which may be
    /// another host's.
    static func connect(
        _ host: String, _ port: UInt16, mark: UInt32? = nil, from source: (host: String, port: UInt16)? = nil
    ) -> Result<TestSocket, ConnectError> {
        let made = TestSocket(socket(AF_INET6, Int32(SOCK_STREAM.rawValue), 0))
        if var mark { setsockopt(made.descriptor, SOL_SOCKET, SO_MARK, &mark, socklen_t(MemoryLayout<UInt32>.size)) }
        if let source {
            var one: CInt = 1
            // Glibc's module shows neither: IP_TRANSPARENT (19), IPV6_TRANSPARENT (75).
            setsockopt(made.descriptor, Int32(IPPROTO_IP), 19, &one, socklen_t(MemoryLayout<CInt>.size))
            setsockopt(made.descriptor, Int32(IPPROTO_IPV6), 75, &one, socklen_t(MemoryLayout<CInt>.size))
            var own = Self.address(source.host, source.port)
            let bound = withUnsafePointer(to: &own) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(made.descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
                }
            }
            guard bound == 0 else { return .failure(ConnectError(number: errno)) }
        }
        var address = Self.address(host, port)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(made.descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
            }
        }
        return result == 0 ? .success(made) : .failure(ConnectError(number: errno))
    }

    struct ConnectError: Error, Equatable {
        let number: Int32
    }

    func accept() throws -> TestSocket {
        let accepted = Glibc.accept(descriptor, nil, nil)
        try #require(accepted >= 0, "nothing to accept: errno \(errno)")
        return TestSocket(accepted)
    }

    /// Resets the connection.
    func reset() {
        var now = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
        // The descriptor stays this socket's, so that nobody else gets its number before `deinit`.
        _ = dup2(STDERR_FILENO, descriptor)
    }

    /// Whether nobody connects within a tenth of a second.
    func staysQuiet() -> Bool {
        var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&item, 1, 100) == 0
    }

    /// SO_MARK.
    var mark: UInt32 {
        var mark: UInt32 = 0
        var size = socklen_t(MemoryLayout<UInt32>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_MARK, &mark, &size) == 0 ? mark : .max
    }

    func send(_ text: String) -> Bool {
        Glibc.send(descriptor, text, text.utf8.count, Int32(MSG_NOSIGNAL)) == text.utf8.count
    }

    func receive() -> String {
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : ""
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
