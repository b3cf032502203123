import Foundation

/// How long ago something happened, or how long until it does, in the two units a person reads: `4d12h`, `35m`, `12s`.
enum Age {
    /// The age of an RFC 3339 time at `now`; `-` when it cannot be read, `0s` when it lies ahead.
    static func text(since timestamp: String?, now: Date) -> String {
        guard let timestamp, let date = date(timestamp) else { return "-" }
        return text(seconds: Int(max(now.timeIntervalSince(date), 0)))
    }

    /// The time left until an RFC 3339 time: `expired` when it has passed, `-` when it cannot be read.
    static func text(until timestamp: String?, now: Date) -> String {
        guard let timestamp, let date = date(timestamp) else { return "-" }
        let left = date.timeIntervalSince(now)
        return left <= 0 ? "expired" : text(seconds: Int(left))
    }

    /// A duration in the largest unit that has something to say, and the next one while the number is small.
    static func text(seconds: Int) -> String {
        let minute = 60
        let hour = 60 * minute
        let day = 24 * hour
        switch seconds {
        case ..<(2 * minute): return "\(seconds)s"
        case ..<(10 * minute): return pair(seconds, minute, "m", 1, "s")
        case ..<(3 * hour): return "\(seconds / minute)m"
        case ..<(8 * hour): return pair(seconds, hour, "h", minute, "m")
        case ..<(2 * day): return "\(seconds / hour)h"
        case ..<(8 * day): return pair(seconds, day, "d", hour, "h")
        default: return "\(seconds / day)d"
        }
    }

    /// Reads an RFC 3339 time with or without a fraction of a second.
    static func date(_ timestamp: String) -> Date? {
        if let date = try? Date(timestamp, strategy: .iso8601) { return date }
        return try? Date(timestamp, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    private static func pair(_ seconds: Int, _ unit: Int, _ name: String, _ part: Int, _ partName: String) -> String {
        let rest = seconds % unit / part
        return rest == 0 ? "\(seconds / unit)\(name)" : "\(seconds / unit)\(name)\(rest)\(partName)"
    }
}
