/// All that is kept for one stream: 32 bytes.
///
/// Idle and closed streams have no record. A record lives from HEADERS until both sides have ended and every received
/// byte has been credited, or until a reset.
struct HTTP2Stream: Sendable {
    /// What has happened on a stream, by direction.
    struct Flags: OptionSet, Sendable {
        var rawValue: UInt16

        /// This side sent END_STREAM.
        static let localEnded = Self(rawValue: 1 << 0)
        /// The peer sent END_STREAM.
        static let remoteEnded = Self(rawValue: 1 << 1)
        /// The final (not 1xx) response, or any request, has arrived.
        static let headersReceived = Self(rawValue: 1 << 2)
        /// The final response, or any request, has been sent.
        static let headersSent = Self(rawValue: 1 << 3)
        /// The request is a CONNECT.
        static let isConnect = Self(rawValue: 1 << 4)
        /// The request is a HEAD: its response has no content whatever it declares.
        static let isHead = Self(rawValue: 1 << 5)
        /// `reserveData` returned 0 because of the stream's window.
        static let blockedByStream = Self(rawValue: 1 << 6)
        /// `reserveData` returned 0 because of the connection's window; the stream is in the send queue.
        static let queued = Self(rawValue: 1 << 7)
        /// Woken from the send queue and has not reserved since.
        static let woken = Self(rawValue: 1 << 8)
        /// Both sides ended; only bytes to be credited keep the record.
        static let lingering = Self(rawValue: 1 << 9)
    }

    /// 0 marks a free slot of the table.
    var id: UInt32 = 0
    /// What may still be sent; negative after the peer lowered its initial window.
    var sendWindow: Int32 = 0
    /// What the peer may still send.
    var receiveWindow: Int32 = 0
    /// Bytes received and not yet handed on.
    var uncredited: Int32 = 0
    /// Bytes handed on and not yet announced with WINDOW_UPDATE.
    var unannounced: Int32 = 0
    var flags: Flags = []
    /// 1xx responses seen.
    var informationalResponses: UInt8 = 0
    /// When the window was announced last, as `HTTP2WindowSize.tick`.
    var announcedAt: UInt8 = 0
    /// What content-length still promises; -1 if nothing does.
    var contentRemaining: Int64 = -1
}
