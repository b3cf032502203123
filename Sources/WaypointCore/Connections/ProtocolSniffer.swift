import HTTPWire

/// Tells by a connection's first bytes what is spoken on it. Pure.
package enum ProtocolSniffer {
    /// What it is.
    package enum Verdict: Equatable, Sendable {
        /// HTTP/1.x.
        case http1
        /// HTTP/2 with prior knowledge (RFC 9113 section 3.3).
        case http2
        /// Bytes that are carried as they are.
        case opaque
        /// More bytes must come first.
        case undecided
    }

    /// As many bytes as are ever looked at.
    package static let longest = 24
    private static let preface = Array("\(HTTP2Connection.clientPreface)".utf8)
    private static let methods = [
        "GET ", "HEAD ", "POST ", "PUT ", "DELETE ", "PATCH ", "OPTIONS ", "TRACE ", "CONNECT ",
    ]
    .map { Array($0.utf8) }

    /// Looks at the beginning of a connection.
    package static func look(at bytes: some Collection<UInt8>) -> Verdict {
        if bytes.starts(with: preface) { return .http2 }
        if bytes.count < preface.count, preface.starts(with: bytes) { return .undecided }
        for method in methods {
            if bytes.starts(with: method) { return .http1 }
            if bytes.count < method.count, method.starts(with: bytes) { return .undecided }
        }
        return .opaque
    }
}
