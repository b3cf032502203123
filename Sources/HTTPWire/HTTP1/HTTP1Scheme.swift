/// What carries HTTP/1.1, as `:scheme` names it.
package enum HTTP1Scheme: String, Hashable, Sendable {
    /// Plain TCP.
    case http
    /// TLS.
    case https
}
