/// The beginning of a TLS connection as it lies on the wire, read without a TLS library: what a proxy that does not end TLS must know
/// of it (RFC 8446 section 4.1.2, RFC 6066 section 3). Pure.
package enum ClientHelloText {
    /// What the bytes are.
    package enum Reading: Equatable, Sendable {
        /// More bytes must come first: it is worth reading again when there are so many.
        case incomplete(needs: Int)
        /// A whole ClientHello. The server name is in lower case; nil where there is none, or one that is malformed.
        case hello(serverName: String?)
        /// No TLS.
        case other
    }

    /// As many bytes as are looked at; a longer hello counts as `.other`.
    package static let longest = 65_536
    /// As many records as a hello may be spread over, so that one that comes in crumbs is not read anew for each.
    package static let mostRecords = 32
    private static let handshakeRecord: UInt8 = 22
    private static let clientHello: UInt8 = 1
    private static let recordLimit = 16_384

    /// Reads the first bytes of a connection.
    package static func read(_ bytes: [UInt8]) -> Reading {
        switch message(bytes) {
        case .failure(.incomplete(let needs)): needs <= longest ? .incomplete(needs: needs) : .other
        case .failure(.other): .other
        case .success(let body): .hello(serverName: serverName(body))
        }
    }

    /// The body of the ClientHello, put together of the records that it is spread over.
    private static func message(_ bytes: [UInt8]) -> Result<ArraySlice<UInt8>, Unread> {
        var rest = bytes[...]
        var message: [UInt8] = []
        for _ in 0..<mostRecords {
            guard let kind = rest.first else { return .failure(.incomplete(needs: bytes.count + 5)) }
            guard kind == handshakeRecord, rest.count < 2 || rest[rest.startIndex + 1] == 3 else {
                return .failure(.other)
            }
            guard rest.count >= 5 else { return .failure(.incomplete(needs: rest.startIndex + 5)) }
            let length = Int(rest[rest.startIndex + 3]) << 8 | Int(rest[rest.startIndex + 4])
            guard (1...recordLimit).contains(length) else { return .failure(.other) }
            message += rest.dropFirst(5).prefix(length)
            if let type = message.first, type != clientHello { return .failure(.other) }
            if message.count >= 4 {
                let size = Int(message[1]) << 16 | Int(message[2]) << 8 | Int(message[3])
                guard size <= longest else { return .failure(.other) }
                if message.count >= 4 + size { return .success(message[4..<(4 + size)]) }
            }
            guard rest.count >= 5 + length else {
                return .failure(.incomplete(needs: rest.startIndex + 5 + length))
            }
            rest = rest.dropFirst(5 + length)
        }
        return .failure(.other)
    }

    private enum Unread: Error {
        case incomplete(needs: Int)
        case other
    }

    private static func serverName(_ hello: ArraySlice<UInt8>) -> String? {
        var reader = Reader(rest: hello)
        // Version and random, then session, suites and compression methods.
        guard reader.skip(34), reader.vector(lengthBytes: 1) != nil, reader.vector(lengthBytes: 2) != nil,
            reader.vector(lengthBytes: 1) != nil, let list = reader.vector(lengthBytes: 2)
        else { return nil }
        var extensions = Reader(rest: list)
        while let type = extensions.number(2), let body = extensions.vector(lengthBytes: 2) {
            guard type == 0 else { continue }
            return unsafe Array(body).withUnsafeBufferPointer { unsafe ClientHello.parse($0) }
        }
        return nil
    }

    /// Takes fields from the front.
    private struct Reader {
        var rest: ArraySlice<UInt8>

        mutating func skip(_ count: Int) -> Bool {
            guard rest.count >= count else { return false }
            rest = rest.dropFirst(count)
            return true
        }

        mutating func number(_ bytes: Int) -> Int? {
            guard rest.count >= bytes else { return nil }
            defer { rest = rest.dropFirst(bytes) }
            return rest.prefix(bytes).reduce(0) { $0 << 8 | Int($1) }
        }

        mutating func vector(lengthBytes: Int) -> ArraySlice<UInt8>? {
            guard let count = number(lengthBytes), rest.count >= count else { return nil }
            defer { rest = rest.dropFirst(count) }
            return rest.prefix(count)
        }
    }
}
