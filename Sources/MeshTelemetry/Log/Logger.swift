import Synchronization

/// Writes the lines that its filter admits to a sink. The sink and the clock are given; nothing here touches a file.
///
/// Thread: any. Below the level a line costs one atomic read, and its message is never made.
package final class Logger: Sendable {
    private let format: LogFormat
    private let sink: @Sendable (String) -> Void
    private let clock: @Sendable () -> UInt64
    private let filter: Mutex<LogFilter>
    /// The lowest level that any target admits: the check that most lines end with.
    private let lowest: Atomic<Int>

    /// A logger; `clock` gives microseconds since 1970, `sink` must not block.
    package init(
        format: LogFormat = .plain, filter: LogFilter = LogFilter(), clock: @escaping @Sendable () -> UInt64,
        sink: @escaping @Sendable (String) -> Void
    ) {
        self.format = format
        self.sink = sink
        self.clock = clock
        self.filter = Mutex(filter)
        self.lowest = Atomic(Self.lowestLevel(filter))
    }

    /// The filter in force.
    package var currentFilter: LogFilter { filter.withLock { $0 } }

    /// Replaces the filter.
    package func setFilter(_ new: LogFilter) {
        filter.withLock { $0 = new }
        lowest.store(Self.lowestLevel(new), ordering: .relaxed)
    }

    /// Whether a line of `level` from `target` would be written; for callers whose fields cost something to make.
    package func admits(_ level: LogLevel, _ target: String) -> Bool {
        guard level.rawValue >= lowest.load(ordering: .relaxed) else { return false }
        return filter.withLock { $0.admits(level, target) }
    }

    /// Writes a line.
    package func log(
        _ level: LogLevel, _ target: String, _ message: @autoclosure () -> String,
        fields: @autoclosure () -> LogFields = LogFields()
    ) {
        guard admits(level, target) else { return }
        sink(format.line(time: clock(), level: level, target: target, message: message(), fields: fields()))
    }

    private static func lowestLevel(_ filter: LogFilter) -> Int {
        filter.targets.values.map(\.rawValue).reduce(filter.level.rawValue, min)
    }
}
