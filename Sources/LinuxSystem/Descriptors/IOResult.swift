/// What a nonblocking read or write did. A read of 0 bytes is the end of the stream.
package enum IOResult: Hashable, Sendable {
    /// This many bytes were moved.
    case bytes(Int)
    /// Nothing could be moved now; the next epoll event says when.
    case wouldBlock

    /// Turns the C shims' convention into a result; `EAGAIN` becomes `.wouldBlock`.
    @inline(__always)
    static func check(_ result: Int) throws(Errno) -> IOResult {
        if result >= 0 { return .bytes(result) }
        if result == -Int(Errno.wouldBlock.rawValue) { return .wouldBlock }
        throw Errno(CInt(truncatingIfNeeded: 0 &- result))
    }
}
