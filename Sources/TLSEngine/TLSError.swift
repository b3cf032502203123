internal import COpenSSL

/// Why TLS could not be set up or broke. The message names the check that failed and what the peer presented.
package struct TLSError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What callers tell apart.
    package enum Code: Sendable {
        /// Our own certificate, key, roots or options cannot be used.
        case material
        /// The peer's certificate was refused by this end.
        case verification
        /// The peer refused this end with an alert.
        case peerAlert
        /// The peer does not speak HTTP/2 in ALPN.
        case applicationProtocol
        /// The server side has no certificate for the name that the client asked for.
        case unknownServerName
        /// Bytes that are not TLS 1.3, or a broken record.
        case protocolViolation
    }

    /// What callers tell apart.
    package let code: Code
    /// What happened, to whom, and what to do.
    package let message: String

    /// Names a failure.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }

    /// Drains OpenSSL's error queue of this thread into one error. `doing` completes "failed: ".
    static func fromQueue(_ code: Code, _ doing: String) -> TLSError {
        var texts: [String] = []
        var code = code
        var error = ERR_get_error()
        while error != 0 {
            let reason = copenssl_error_reason(error)
            // Reasons from 1000 on are alerts that the peer sent (SSL_AD_REASON_OFFSET).
            if copenssl_is_ssl_error(error) != 0, reason >= 1000, reason < 1256 {
                code = .peerAlert
                texts.append("the peer refused this end with the alert \"\(alert(reason - 1000, of: error))\"")
            } else if let text = unsafe ERR_reason_error_string(error) {
                unsafe texts.append(String(cString: text))
            } else {
                texts.append("OpenSSL error 0x\(String(error, radix: 16))")
            }
            error = ERR_get_error()
        }
        let reason = texts.isEmpty ? "no reason given" : texts.joined(separator: ", ")
        return TLSError(code, "\(doing): \(reason)")
    }

    /// The name of an alert: OpenSSL 3.0's list of names ends before those that TLS 1.3 has added, its list of reasons does not.
    private static func alert(_ number: Int32, of error: UInt) -> String {
        let known = unsafe copenssl_alert_text(number).map { unsafe String(cString: $0) }
        if let known, known != "unknown" { return known }
        return unsafe ERR_reason_error_string(error).map { unsafe String(cString: $0) } ?? "\(number)"
    }
}
