import MeshModel

/// A `labelSelector` of a list or watch: `a=b,c!=d,e,!f,g in (x,y),h notin (z)`. Kubernetes "Labels and Selectors".
struct LabelSelector: Hashable, Sendable {
    private enum Requirement: Hashable, Sendable {
        case exists(String)
        case lacks(String)
        case isOneOf(String, [String])
        case isNoneOf(String, [String])
    }

    private var requirements: [Requirement] = []

    /// Reads a selector; an empty one selects everything.
    init(_ text: String) throws(APIFailure) {
        for part in Self.parts(text) {
            requirements.append(try Self.requirement(part))
        }
    }

    /// Whether it selects everything.
    var isEmpty: Bool { requirements.isEmpty }

    /// Whether an object with these labels is selected.
    func selects(_ labels: [String: String]) -> Bool {
        requirements.allSatisfy { requirement in
            switch requirement {
            case .exists(let key): labels[key] != nil
            case .lacks(let key): labels[key] == nil
            case .isOneOf(let key, let values): labels[key].map(values.contains) ?? false
            case .isNoneOf(let key, let values): !(labels[key].map(values.contains) ?? false)
            }
        }
    }

    /// The requirements' texts: split at commas that are not inside parentheses.
    private static func parts(_ text: String) -> [String] {
        var parts: [String] = []
        var part = ""
        var depth = 0
        for character in text {
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            if character == ",", depth == 0 {
                parts.append(part)
                part = ""
            } else {
                part.append(character)
            }
        }
        return (parts + [part]).map(trimmed).filter { !$0.isEmpty }
    }

    private static func requirement(_ part: String) throws(APIFailure) -> Requirement {
        let words = part.split(separator: " ", maxSplits: 2).map(String.init)
        if words.count == 3, ["in", "notin"].contains(words[1]), words[2].hasPrefix("("), words[2].hasSuffix(")") {
            let values = words[2].dropFirst().dropLast().split(separator: ",").map { trimmed(String($0)) }
            return words[1] == "in" ? .isOneOf(words[0], values) : .isNoneOf(words[0], values)
        }
        if let place = part.firstIndex(of: "=") {
            let value = trimmed(String(part[part.index(after: place)...].drop { $0 == "=" }))
            let head = part[..<place]
            if head.hasSuffix("!") { return .isNoneOf(try key(String(head.dropLast())), [value]) }
            return .isOneOf(try key(String(head)), [value])
        }
        return part.hasPrefix("!") ? .lacks(try key(String(part.dropFirst()))) : .exists(try key(part))
    }

    private static func key(_ text: String) throws(APIFailure) -> String {
        let key = trimmed(text)
        guard !key.isEmpty, !key.contains(where: { " ()!=,".contains($0) }) else {
            throw APIFailure(
                400, "BadRequest",
                "labelSelector: \"\(text)\" is no label; write key=value, key!=value, key, !key or key in (a,b)")
        }
        return key
    }

    private static func trimmed(_ text: String) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
