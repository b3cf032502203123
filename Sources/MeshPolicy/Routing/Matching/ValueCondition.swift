import MeshModel

/// A compiled condition on one text.
enum ValueCondition: Sendable {
    case exact([UInt8])
    case prefix([UInt8])
    case regex(any Pattern)
    /// That it is there.
    case present

    /// Compiles the condition as it is written.
    init(_ match: TextMatch, _ engine: any PatternEngine) throws(PatternError) {
        switch match {
        case .exact(let text): self = .exact(Array(text.utf8))
        case .prefix(let text): self = .prefix(Array(text.utf8))
        case .regex(let text): self = .regex(try engine.compile(text))
        case .present: self = .present
        }
    }

    /// Whether it holds for a text that is there.
    func holds(for value: Span<UInt8>) -> Bool {
        switch self {
        case .exact(let text): value.equals(text)
        case .prefix(let text): value.starts(with: text)
        case .regex(let pattern): pattern.matches(value)
        case .present: true
        }
    }
}
