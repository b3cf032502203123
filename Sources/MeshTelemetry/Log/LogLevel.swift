/// How much a log line matters; the names are those of `RUST_LOG` in Istio's ztunnel (Z 7).
package enum LogLevel: Int, Sendable, Comparable, CaseIterable {
    case trace
    case debug
    case info
    case warn
    case error
    /// As a filter: nothing is logged.
    case off

    /// The level of a word (`info`, any case; `warning` is taken as `warn`); nil where it is none.
    package init?(_ word: some StringProtocol) {
        let word = word.lowercased()
        switch word {
        case "trace": self = .trace
        case "debug": self = .debug
        case "info": self = .info
        case "warn", "warning": self = .warn
        case "error": self = .error
        case "off": self = .off
        default: return nil
        }
    }

    /// The word in a log line.
    package var name: String {
        switch self {
        case .trace: "trace"
        case .debug: "debug"
        case .info: "info"
        case .warn: "warn"
        case .error: "error"
        case .off: "off"
        }
    }

    package static func < (left: LogLevel, right: LogLevel) -> Bool { left.rawValue < right.rawValue }
}
