package import MeshModel

/// How a request's path changes before it is sent on (I 2.4). The query stays.
package enum RewriteRule: Sendable {
    /// The matched beginning, or else the whole path, becomes this.
    case replacing([UInt8])
    /// Every match of the expression is replaced.
    case regex(any Pattern, PatternReplacement)

    /// The new value of `:path`. `path` is the old one with its query; `match` what it was matched by.
    func rewritten(_ path: Span<UInt8>, matchedBy match: PathCondition?) -> [UInt8] {
        let length = path.pathLength
        var result: [UInt8]
        switch self {
        case .regex(let pattern, let replacement):
            result = pattern.replacingMatches(in: path.extracting(first: length), with: replacement)
            Self.append(path, from: length, to: &result)
        case .replacing(let text):
            result = text
            Self.append(path, from: min(Self.replacedLength(match, pathLength: length), length), to: &result)
        }
        return result
    }

    /// How many bytes of the path a match stands for: its prefix; without one the `/` that every path begins with, as
    /// Istio's translation has it; all of it for exact matches and expressions.
    static func replacedLength(_ match: PathCondition?, pathLength: Int) -> Int {
        switch match {
        case .prefix(let text, _)?: text.count
        case nil: 1
        case .exact?, .regex?: pathLength
        }
    }

    static func append(_ path: Span<UInt8>, from start: Int, to result: inout [UInt8]) {
        for index in start..<path.count { result.append(path[index]) }
    }
}
