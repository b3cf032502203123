/// Reads the ClientHello at the beginning of a connection without taking part in the handshake: what routes by server name look at. Pure.
package enum ClientHelloReader {
    /// What the beginning of a connection is.
    package enum Verdict: Equatable, Sendable {
        /// More bytes must come first.
        case undecided
        /// No TLS, or nothing that can be read.
        case other
        /// TLS; what the client asks for.
        case hello(TLSClientOffer)
    }

    /// The most bytes that are looked at: a ClientHello with post-quantum keys and many extensions has two to three thousand. A longer one
    /// counts as `other`.
    package static let limit = 16_384
    private static let recordHeader = 5
    private static let handshakeHeader = 4

    /// Looks at the beginning of a connection.
    package static func look(at bytes: [UInt8]) -> Verdict {
        var message: [UInt8] = []
        var position = 0
        while true {
            guard position < bytes.count else { return undecided(bytes) }
            // A handshake record of SSL 3.0 to TLS 1.3 (RFC 8446 section 5.1).
            guard bytes[position] == 22 else { return .other }
            guard position + recordHeader <= bytes.count else { return undecided(bytes) }
            let length = Int(bytes[position + 3]) << 8 | Int(bytes[position + 4])
            guard bytes[position + 1] == 3, length > 0, length <= 16_384 else { return .other }
            let start = position + recordHeader
            message += bytes[start..<min(start + length, bytes.count)]
            if let first = message.first, first != 1 { return .other }
            if message.count >= handshakeHeader {
                let size = Int(message[1]) << 16 | Int(message[2]) << 8 | Int(message[3])
                guard size <= limit else { return .other }
                if message.count >= handshakeHeader + size {
                    return read(message[handshakeHeader..<(handshakeHeader + size)])
                }
            }
            guard start + length <= bytes.count else { return undecided(bytes) }
            position = start + length
        }
    }

    private static func undecided(_ bytes: [UInt8]) -> Verdict { bytes.count < limit ? .undecided : .other }

    /// The body: version, random, session, suites, compression, extensions (RFC 8446 section 4.1.2).
    private static func read(_ body: ArraySlice<UInt8>) -> Verdict {
        var rest = body.dropFirst(34)
        guard body.count > 34, skip(&rest, lengthBytes: 1), skip(&rest, lengthBytes: 2), skip(&rest, lengthBytes: 1)
        else { return .other }
        // A client of long ago has no extensions.
        guard !rest.isEmpty else { return .hello(TLSClientOffer(serverName: nil, protocols: [])) }
        guard var extensions = take(&rest, lengthBytes: 2) else { return .other }
        var name: String?
        var protocols: [String] = []
        while !extensions.isEmpty {
            guard extensions.count >= 4 else { return .other }
            let kind = Int(extensions[extensions.startIndex]) << 8 | Int(extensions[extensions.startIndex + 1])
            extensions = extensions.dropFirst(2)
            guard let content = take(&extensions, lengthBytes: 2) else { return .other }
            let bytes = Array(content)
            unsafe bytes.withUnsafeBufferPointer { buffer in
                switch kind {
                case 0: name = unsafe ClientHello.parse(buffer)
                case 16: protocols = unsafe ClientHello.parseProtocols(buffer)
                default: break
                }
            }
        }
        return .hello(TLSClientOffer(serverName: name, protocols: protocols))
    }

    private static func skip(_ rest: inout ArraySlice<UInt8>, lengthBytes: Int) -> Bool {
        take(&rest, lengthBytes: lengthBytes) != nil
    }

    /// What follows its own length.
    private static func take(_ rest: inout ArraySlice<UInt8>, lengthBytes: Int) -> ArraySlice<UInt8>? {
        guard rest.count >= lengthBytes else { return nil }
        let length = rest.prefix(lengthBytes).reduce(0) { $0 << 8 | Int($1) }
        rest = rest.dropFirst(lengthBytes)
        guard rest.count >= length else { return nil }
        defer { rest = rest.dropFirst(length) }
        return rest.prefix(length)
    }
}
