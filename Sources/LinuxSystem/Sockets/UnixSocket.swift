internal import CLinux

/// Unix domain sockets, nonblocking: the node's control socket (stream) and the ZDS socket (sequenced packets with passed
/// descriptors, Z 6.2).
package enum UnixSocket {
    /// The two kinds in use.
    package enum Kind: CInt, Sendable {
        /// SOCK_STREAM.
        case stream = 1
        /// SOCK_SEQPACKET: message boundaries are kept.
        case sequencedPackets = 5
    }

    /// One received message.
    package struct Message: ~Copyable, Sendable {
        /// The content; empty at the end of the connection.
        package let bytes: [UInt8]
        /// The descriptor that came with it, if one did; the first of several.
        package let descriptor: Descriptor?
        /// How many came; all but the first are closed.
        package let descriptorCount: Int

        init(bytes: [UInt8], descriptor: consuming Descriptor?, descriptorCount: Int) {
            self.bytes = bytes
            self.descriptor = descriptor
            self.descriptorCount = descriptorCount
        }

        /// The descriptor alone.
        package consuming func takeDescriptor() -> Descriptor? { descriptor }
    }

    /// Who is at the other end, as the kernel knows it.
    package struct Credentials: Hashable, Sendable {
        /// The process at the time of connect.
        package let process: UInt32
        /// Its effective user.
        package let user: UInt32
    }

    /// Listens at `path`, which must not exist.
    package static func listen(at path: String, _ kind: Kind, backlog: CInt = 64) throws(Errno) -> Descriptor {
        let result = unsafe path.withCString { unsafe clinux_unix_listen($0, kind.rawValue, backlog) }
        return Descriptor(taking: try Errno.check(result))
    }

    /// Connects to `path`; unix sockets connect at once or fail.
    package static func connect(to path: String, _ kind: Kind) throws(Errno) -> Descriptor {
        let result = unsafe path.withCString { unsafe clinux_unix_connect($0, kind.rawValue) }
        return Descriptor(taking: try Errno.check(result))
    }

    /// The path that `socket` is bound to.
    package static func path(_ socket: CInt) throws(Errno) -> String {
        let outcome = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) {
            buffer -> Result<String, Errno> in
            guard let base = buffer.baseAddress else { return .failure(.noMemory) }
            // Sound: the shim writes at most 128 bytes and ends them with a zero.
            let result = unsafe clinux_unix_path(socket, base, 128)
            return result < 0 ? .failure(Errno(0 &- result)) : .success(unsafe String(cString: base))
        }
        return try outcome.get()
    }

    /// Accepts; nil if nobody waits.
    package static func accept(_ socket: CInt) throws(Errno) -> Descriptor? {
        let result = clinux_unix_accept(socket)
        if result == -Errno.wouldBlock.rawValue { return nil }
        return Descriptor(taking: try Errno.check(result))
    }

    /// Two connected sockets of sequenced packets.
    package static func pair() throws(Errno) -> (Int32, Int32) {
        var numbers: (Int32, Int32) = (-1, -1)
        let result = unsafe withUnsafeMutableBytes(of: &numbers) { raw in
            unsafe clinux_socketpair(raw.bindMemory(to: Int32.self).baseAddress, 1)
        }
        _ = try Errno.check(result)
        return numbers
    }

    /// Sends one message, with a descriptor if `passing` is not nil; the receiver gets a duplicate of it.
    package static func send(
        _ socket: CInt, _ bytes: [UInt8], passing descriptor: CInt? = nil
    ) throws(Errno) -> IOResult {
        let result = unsafe bytes.withUnsafeBytes {
            unsafe clinux_send_message(socket, $0.baseAddress, $0.count, descriptor ?? -1)
        }
        return try IOResult.check(result)
    }

    /// Receives one message; nil if none is there. A message longer than `limit` throws `.messageTooLong` and is gone.
    package static func receive(_ socket: CInt, upTo limit: Int) throws(Errno) -> Message? {
        var failure: Errno?
        var blocked = false
        var passed: CInt = -1
        var descriptors: CInt = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: max(limit, 0)) { buffer, count in
            let result = unsafe clinux_receive_message(
                socket, buffer.baseAddress, buffer.count, &passed, &descriptors)
            if result >= 0 {
                count = result
            } else if result == -Int(Errno.wouldBlock.rawValue) {
                blocked = true
            } else {
                failure = Errno(CInt(truncatingIfNeeded: 0 &- result))
            }
        }
        if let failure { throw failure }
        if blocked { return nil }
        return Message(
            bytes: bytes, descriptor: passed >= 0 ? Descriptor(taking: passed) : nil, descriptorCount: Int(descriptors))
    }

    /// SO_PEERCRED.
    package static func peerCredentials(_ socket: CInt) throws(Errno) -> Credentials {
        var process: UInt32 = 0
        var user: UInt32 = 0
        _ = try Errno.check(unsafe clinux_peer_credentials(socket, &process, &user))
        return Credentials(process: process, user: user)
    }
}
