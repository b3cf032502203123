/// A connection error (RFC 9113 section 5.4.1) on its way to `HTTP2Event.failed`.
struct HTTP2Failure: Error {
    var code: HTTP2ErrorCode
    var text: String
    /// True if a bound of `HTTP2Limits` was exceeded.
    var exceedsBound = false

    init(_ code: HTTP2ErrorCode, _ text: String) {
        self.code = code
        self.text = text
    }

    /// A bound was exceeded; `text` names it.
    static func calm(_ text: String) -> Self { bound(.enhanceYourCalm, text) }

    /// The same, for a bound that has an error code of its own.
    static func bound(_ code: HTTP2ErrorCode, _ text: String) -> Self {
        var failure = Self(code, text)
        failure.exceedsBound = true
        return failure
    }
}
