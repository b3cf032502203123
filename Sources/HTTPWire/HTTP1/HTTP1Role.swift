/// Which end of an HTTP/1.1 connection this is.
package enum HTTP1Role: Hashable, Sendable {
    /// Sends requests.
    case client
    /// Answers them.
    case server
}
