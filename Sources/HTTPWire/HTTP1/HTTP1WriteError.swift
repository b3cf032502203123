/// Why a message was not sent: it would have been read as something else. Nothing of it has been queued.
package enum HTTP1WriteError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The method, target, authority or status is missing or cannot stand in a first line.
    case startLine
    /// A field has a name that is not a token, or a value with control characters.
    case field(name: String)
    /// More content than content-length declares, or an end before all of it.
    case contentLength
    /// An extended CONNECT with a protocol that HTTP/1.1 cannot carry.
    case upgrade
    /// A request on a connection that is not idle, or an answer where none is expected.
    case state

    package var description: String {
        switch self {
        case .startLine: "the method, target, authority or status cannot stand in the first line of a message"
        case .field(let name): "the field \(name) has a name or value that HTTP/1.1 cannot carry"
        case .contentLength: "the content is not as long as content-length says"
        case .upgrade: "the protocol of the extended CONNECT is not a token"
        case .state: "the connection cannot carry this message now"
        }
    }
}
