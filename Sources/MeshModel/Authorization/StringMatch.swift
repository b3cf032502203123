/// A condition on a text: bytes are compared, there are no wildcards inside.
package enum StringMatch: Hashable, Sendable {
    /// The whole text.
    case exact(String)
    /// Its beginning.
    case prefix(String)
    /// Its end.
    case suffix(String)
    /// Anything but the empty text.
    case presence

    /// Whether `text` meets the condition.
    package func matches(_ text: String) -> Bool {
        switch self {
        case .exact(let value): value.utf8.elementsEqual(text.utf8)
        case .prefix(let value): text.utf8.starts(with: value.utf8)
        case .suffix(let value):
            value.utf8.count <= text.utf8.count && text.utf8.suffix(value.utf8.count).elementsEqual(value.utf8)
        case .presence: !text.isEmpty
        }
    }
}
