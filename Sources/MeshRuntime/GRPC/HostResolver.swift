import Glibc
package import LinuxSystem

/// Looks up host names on a thread of its own, since the C library blocks while it asks.
///
/// Only the node's own connections to its control plane need it. Thread: any; completions run on the loop that asked.
package final class HostResolver: Sendable {
    /// Addresses that one name may have; the rest is dropped.
    package static let addressLimit = 16

    /// Why a name has no address.
    package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// The name that was looked up.
        package let host: String
        /// The C library's words.
        package let reason: String

        package var description: String { "the host name \(host) cannot be resolved: \(reason)" }
    }

    private let thread: LoopThread

    /// Starts the thread.
    package init() throws(Errno) {
        thread = try LoopThread(name: "resolver")
    }

    /// Finds the addresses of `host`; an address in text form is its own answer, at once.
    package func resolve(
        _ host: String, port: UInt16, on loop: EventLoop,
        completion: @escaping (Result<[SocketAddress], Failure>) -> Void
    ) {
        if case .success(let addresses) = Self.look(host, port: port, flags: AI_NUMERICHOST) {
            return completion(.success(addresses))
        }
        let home = LoopBound(completion)
        let isQueued = thread.loop.submit {
            let result = Self.look(host, port: port, flags: AI_ADDRCONFIG)
            _ = loop.submit { home.value(result) }
        }
        if !isQueued { completion(.failure(Failure(host: host, reason: "too many names are being looked up"))) }
    }

    /// Ends the thread; a lookup that runs is waited for.
    package func stop() {
        thread.stopAndJoin()
    }

    private static func look(_ host: String, port: UInt16, flags: CInt) -> Result<[SocketAddress], Failure> {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = flags
        var list: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(host, nil, &hints, &list)
        // Sound: the list is ours until it is freed at the end of this call; nothing of it is kept.
        defer { if let list = unsafe list { unsafe freeaddrinfo(list) } }
        guard code == 0 else {
            return .failure(Failure(host: host, reason: unsafe String(cString: gai_strerror(code))))
        }
        var addresses: [SocketAddress] = []
        var next = unsafe list
        while let entry = unsafe next, addresses.count < addressLimit {
            if let address = unsafe address(entry.pointee, port: port) { addresses.append(address) }
            unsafe next = entry.pointee.ai_next
        }
        return addresses.isEmpty ? .failure(Failure(host: host, reason: "it has no address")) : .success(addresses)
    }

    private static func address(_ entry: addrinfo, port: UInt16) -> SocketAddress? {
        guard let raw = unsafe entry.ai_addr else { return nil }
        let length = unsafe Int(entry.ai_addrlen)
        // Sound: the C library gives ai_addrlen readable bytes at ai_addr.
        let bytes = unsafe [UInt8](UnsafeRawBufferPointer(start: raw, count: length))
        switch unsafe entry.ai_family {
        case AF_INET where length >= 8: return SocketAddress(ipBytes: Array(bytes[4..<8]), port: port)
        case AF_INET6 where length >= 24: return SocketAddress(ipBytes: Array(bytes[8..<24]), port: port)
        default: return nil
        }
    }
}
