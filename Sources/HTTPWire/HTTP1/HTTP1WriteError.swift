/// Why a message was not serialized: it would have been read as something else.
package enum HTTP1WriteError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The method, target or status cannot stand in a first line.
    case startLine
    /// A field has a name that is not a token, or a value with control characters.
    case field(name: String)
    /// Content-Length, Transfer-Encoding and Connection are written by the serializer.
    case reservedField(name: String)

    package var description: String {
        switch self {
        case .startLine: "the method, target or status cannot stand in the first line of a message"
        case .field(let name): "the field \(name) has a name or value that HTTP/1.1 cannot carry"
        case .reservedField(let name): "the field \(name) is written by the serializer; leave it out"
        }
    }
}
