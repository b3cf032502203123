import MeshModel
import Synchronization

/// Compiles each expression once for as long as anything uses it: most changes of the mesh change no expression. Thread: any.
final class PatternCache: PatternEngine {
    private struct Entry {
        let pattern: any Pattern
        var generation: UInt64
    }

    private struct State {
        var entries: [String: Entry] = [:]
        var generation: UInt64 = 0
    }

    private let engine: any PatternEngine
    private let state = Mutex(State())

    init(_ engine: any PatternEngine) {
        self.engine = engine
    }

    func compile(_ expression: String) throws(PatternError) -> any Pattern {
        let known = state.withLock { state -> (any Pattern)? in
            guard var entry = state.entries[expression] else { return nil }
            entry.generation = state.generation
            state.entries[expression] = entry
            return entry.pattern
        }
        if let known { return known }
        let pattern = try engine.compile(expression)
        state.withLock { $0.entries[expression] = Entry(pattern: pattern, generation: $0.generation) }
        return pattern
    }

    /// Forgets what was not asked for since the last call.
    func sweep() {
        state.withLock { state in
            state.entries = state.entries.filter { $0.value.generation == state.generation }
            state.generation += 1
        }
    }
}
