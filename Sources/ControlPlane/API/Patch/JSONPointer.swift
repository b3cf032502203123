import MeshModel

/// A place in a document, RFC 6901: `/spec/ports/0/name`. Keys with `/` and `~` are written `~1` and `~0`.
struct JSONPointer: Hashable {
    let tokens: [String]

    /// Reads a pointer; nil for text that is none.
    init?(_ text: String) {
        guard text.isEmpty || text.hasPrefix("/") else { return nil }
        var tokens: [String] = []
        for part in text.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            var token = ""
            var rest = part[...]
            while let character = rest.popFirst() {
                guard character == "~" else {
                    token.append(character)
                    continue
                }
                switch rest.popFirst() {
                case "0": token.append("~")
                case "1": token.append("/")
                default: return nil
                }
            }
            tokens.append(token)
        }
        self.tokens = tokens
    }

    /// Whether this place is `other` or lies in it.
    func isInside(_ other: JSONPointer) -> Bool { tokens.starts(with: other.tokens) }

    /// The value there; nil where there is none.
    func value(in document: JSONValue) -> JSONValue? {
        tokens.reduce(document as JSONValue?) { value, token in
            switch value {
            case .object(let object)?: object[token]
            case .array(let elements)?: Self.index(token, upTo: elements.count).map { elements[$0] }
            default: nil
            }
        }
    }

    /// An index below `count`, in the one form that the RFC allows.
    static func index(_ token: String, upTo count: Int) -> Int? {
        guard let index = Int(token), token == String(index), (0..<count).contains(index) else { return nil }
        return index
    }
}
