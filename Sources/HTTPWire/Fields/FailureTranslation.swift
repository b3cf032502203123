// How a failure on one side of a proxy reads on the other, where the two speak different versions of HTTP.

extension HTTP1ParseError {
    /// What RST_STREAM says to an HTTP/2 peer whose exchange an HTTP/1.1 connection has failed, if the response's head is out already
    /// (RFC 9113 section 8.1.1); before that it gets a response.
    package var streamError: HTTP2ErrorCode {
        switch self {
        case .truncated: .internalError
        case .headTimeout, .idleTimeout: .cancel
        default: .protocolError
        }
    }
}

extension HTTP2ErrorCode {
    /// What an HTTP/1.1 client is answered if the stream to the other side was reset before its response began; after that
    /// `HTTP1Connection.abort` cuts the response off. A refused stream was not looked at (RFC 9113 section 8.7): 503 invites a retry.
    package var responseStatus: Int {
        self == .refusedStream ? 503 : 502
    }
}
