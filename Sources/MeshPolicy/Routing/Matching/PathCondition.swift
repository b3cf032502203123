import MeshModel

/// A compiled condition on the path without its query.
enum PathCondition: Sendable {
    /// With `foldingCase` the text is in lower case.
    case exact([UInt8], foldingCase: Bool)
    /// A plain beginning of the text, not of segments (I 2.2).
    case prefix([UInt8], foldingCase: Bool)
    case regex(any Pattern)

    /// Compiles the condition; nil for one that every path meets.
    static func compile(
        _ match: TextMatch, foldingCase: Bool, _ engine: any PatternEngine
    ) throws(PatternError) -> PathCondition? {
        func bytes(_ text: String) -> [UInt8] {
            text.utf8.map { foldingCase ? $0.asciiLowercased : $0 }
        }
        switch match {
        case .exact(let text): return .exact(bytes(text), foldingCase: foldingCase)
        case .prefix(let text): return .prefix(bytes(text), foldingCase: foldingCase)
        case .regex(let text): return .regex(try engine.compile(text))
        case .present: return nil
        }
    }

    /// Whether it holds for `path`, which has no query.
    func holds(for path: Span<UInt8>) -> Bool {
        switch self {
        case .exact(let text, let foldingCase): path.equals(text, foldingCase: foldingCase)
        case .prefix(let text, let foldingCase): path.starts(with: text, foldingCase: foldingCase)
        case .regex(let pattern): pattern.matches(path)
        }
    }
}
