/// Bounds and sizes of the event loop and its connections. Sizes that a memory layout depends on are constants; the rest are
/// defaults of the calls that take them.
package enum RuntimeLimits {
    /// Plaintext of one TLS record, and so of one DATA frame with its header (D1 b).
    package static let recordBytes = 16_384
    /// What stands before the payload of each frame (RFC 9113 section 4.1).
    package static let frameHeaderBytes = 9
    /// Frames read from a captured socket in one call: 256 KiB (D1 a).
    package static let stagedFrames = 16
    /// Bytes received from a tunnel or a plain socket in one call.
    package static let receiveBytes = 256 * 1024
    /// Bytes that one stream may move towards its tunnel in one turn of the loop, so that it starves nobody.
    package static let streamBytesPerTurn = 256 * 1024
    /// Bytes that one tunnel may receive in one turn of the loop.
    package static let tunnelBytesPerTurn = 1024 * 1024
    /// Encrypted bytes waiting at which a tunnel is flushed at once, and from which its streams wait if that does not help.
    package static let outputHighWatermark = 256 * 1024
    /// A batch of at most this size is gathered with others into one record instead of getting its own.
    package static let gatheredBytes = 4096
    /// Fragments of DATA that one batch may hold before they are passed on.
    package static let gatherNodes = 1024
    /// Bytes of one chunk of a backlog.
    package static let chunkBytes = 64 * 1024
    /// Chunks kept for reuse when nobody needs them.
    package static let retainedChunks = 16
    /// Bytes that a message stream may have queued for sending.
    package static let messageQueueBytes = 16 * 1024 * 1024
    /// Bytes that `TCPConnection.write` may have queued.
    package static let writeQueueBytes = 4 * 1024 * 1024
    /// Work that other threads may have queued for one loop.
    package static let mailboxCapacity = 65_536
    /// Connections accepted in one turn.
    package static let acceptsPerTurn = 64
    /// How long a listener waits when there are no descriptors or memory left.
    package static let acceptPause: Duration = .milliseconds(100)
    /// How long a closed tunnel waits for its last bytes to be taken and for the peer's end.
    package static let closeLinger: Duration = .seconds(1)
    /// How long what is left to be said at the end of a connection may wait for a peer that takes nothing of it.
    package static let outputPatience: Duration = .seconds(10)
    /// Idle time after which a worker gives the pages of its buffers back.
    package static let memoryReturn: Duration = .seconds(1)
    /// Connections closed since the last time from which returning memory includes the heap.
    package static let closesBeforeHeapTrim = 64
}
