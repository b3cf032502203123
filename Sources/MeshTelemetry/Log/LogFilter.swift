/// Which lines are written: a level for all targets, and levels for single ones (`info,access=debug`).
package struct LogFilter: Sendable, Hashable, CustomStringConvertible {
    /// The level of targets that are not named.
    package var level: LogLevel
    /// The levels of single targets.
    package var targets: [String: LogLevel]

    /// A filter.
    package init(level: LogLevel = .info, targets: [String: LogLevel] = [:]) {
        self.level = level
        self.targets = targets
    }

    /// Reads a directive such as `debug` or `info,access=debug`, starting from `base`; throws what is wrong with it.
    package init(_ directive: String, base: LogFilter = LogFilter()) throws(LogFilterError) {
        self = base
        for part in directive.split(separator: ",", omittingEmptySubsequences: true) {
            let pieces = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let word = pieces.last, let level = LogLevel(word) else {
                throw LogFilterError(directive: String(part))
            }
            if pieces.count == 2 { targets[String(pieces[0])] = level } else { self.level = level }
        }
    }

    /// Whether a line of `level` from `target` is written.
    package func admits(_ level: LogLevel, _ target: String) -> Bool {
        level != .off && level >= (targets.isEmpty ? self.level : targets[target] ?? self.level)
    }

    package var description: String {
        ([level.name] + targets.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.name)" }).joined(separator: ",")
    }
}

/// A log directive that names no level.
package struct LogFilterError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The part that is wrong.
    package let directive: String

    package var description: String {
        "\"\(directive)\" is no log level: write one of trace, debug, info, warn, error, off, or TARGET=LEVEL"
    }
}
