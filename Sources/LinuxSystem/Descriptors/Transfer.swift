internal import CLinux

/// Reads and writes on nonblocking descriptors. None of them raises SIGPIPE, blocks, or allocates.
package enum Transfer {
    /// `readv(2)`: fills the vectors in order.
    @inline(__always)
    package static func read(
        _ descriptor: CInt, into vectors: UnsafePointer<IOVector>, count: Int
    ) throws(Errno) -> IOResult {
        try IOResult.check(unsafe clinux_readv(descriptor, vectors, CInt(truncatingIfNeeded: count)))
    }

    /// `sendmsg(2)` on a socket: the vectors in order, as one call.
    @inline(__always)
    package static func send(
        _ descriptor: CInt, from vectors: UnsafePointer<IOVector>, count: Int
    ) throws(Errno) -> IOResult {
        try IOResult.check(unsafe clinux_sendv(descriptor, vectors, count))
    }

    /// `recv(2)`.
    @inline(__always)
    package static func receive(
        _ descriptor: CInt, into buffer: UnsafeMutableRawBufferPointer
    ) throws(Errno) -> IOResult {
        try IOResult.check(unsafe clinux_receive(descriptor, buffer.baseAddress, buffer.count))
    }

    /// `send(2)`.
    @inline(__always)
    package static func send(_ descriptor: CInt, _ buffer: UnsafeRawBufferPointer) throws(Errno) -> IOResult {
        try IOResult.check(unsafe clinux_send(descriptor, buffer.baseAddress, buffer.count))
    }

    /// `send(2)` of an array.
    package static func send(_ descriptor: CInt, _ bytes: [UInt8]) throws(Errno) -> IOResult {
        let result = unsafe bytes.withUnsafeBytes { unsafe clinux_send(descriptor, $0.baseAddress, $0.count) }
        return try IOResult.check(result)
    }

    /// At most `limit` bytes as an array, for code that is not on the hot path; nil if nothing is there yet.
    package static func receive(_ descriptor: CInt, upTo limit: Int) throws(Errno) -> [UInt8]? {
        var failure: Errno?
        var blocked = false
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: max(limit, 0)) { buffer, count in
            let result = unsafe clinux_receive(descriptor, buffer.baseAddress, buffer.count)
            if result >= 0 {
                count = result
            } else if result == -Int(Errno.wouldBlock.rawValue) {
                blocked = true
            } else {
                failure = Errno(CInt(truncatingIfNeeded: 0 &- result))
            }
        }
        if let failure { throw failure }
        return blocked ? nil : bytes
    }

    /// `recvfrom(2)`: one datagram and its sender; nil if there is none. A datagram longer than `limit` is cut.
    package static func receiveDatagram(
        _ descriptor: CInt, upTo limit: Int
    ) throws(Errno) -> (bytes: [UInt8], from: SocketAddress)? {
        var failure: Errno?
        var blocked = false
        var from = clinux_address()
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: max(limit, 0)) { buffer, count in
            let result = unsafe clinux_receive_from(descriptor, buffer.baseAddress, buffer.count, &from)
            if result >= 0 {
                count = result
            } else if result == -Int(Errno.wouldBlock.rawValue) {
                blocked = true
            } else {
                failure = Errno(CInt(truncatingIfNeeded: 0 &- result))
            }
        }
        if let failure { throw failure }
        return blocked ? nil : (bytes, SocketAddress(native: from))
    }

    /// `sendto(2)`: one datagram.
    package static func sendDatagram(
        _ descriptor: CInt, _ bytes: [UInt8], to address: SocketAddress
    ) throws(Errno) -> IOResult {
        var native = address.native
        let result = unsafe bytes.withUnsafeBytes {
            unsafe clinux_send_to(descriptor, $0.baseAddress, $0.count, &native)
        }
        return try IOResult.check(result)
    }

    /// `write(2)` on anything that is not a socket.
    package static func write(_ descriptor: CInt, _ bytes: [UInt8]) throws(Errno) -> IOResult {
        let result = unsafe bytes.withUnsafeBytes { unsafe clinux_write(descriptor, $0.baseAddress, $0.count) }
        return try IOResult.check(result)
    }
}
