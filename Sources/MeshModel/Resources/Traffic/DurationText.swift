/// Durations as the API writes them: `1.5s`, `100ms`, `1h30m` (I 1.0). Pure.
package enum DurationText {
    /// The longest duration that is taken: 100 years, so that sums of a few never overflow.
    package static let longest = Duration.seconds(100 * 365 * 86_400)

    /// The units by their names, in nanoseconds.
    private static let units: [(name: String, nanoseconds: Int64)] = [
        ("ns", 1), ("us", 1_000), ("µs", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60_000_000_000),
        ("h", 3_600_000_000_000),
    ]

    /// The duration that `text` is; nil where it is none, is negative, or is longer than ``longest``. `0` needs no unit.
    package static func duration(_ text: String) -> Duration? {
        if text == "0" { return .zero }
        var rest = Substring(text)
        var total = Duration.zero
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let number = rest.prefix { ("0"..."9").contains($0) || $0 == "." }
            rest = rest.dropFirst(number.count)
            let name = rest.prefix { !("0"..."9").contains($0) && $0 != "." }
            rest = rest.dropFirst(name.count)
            guard let unit = units.first(where: { $0.name == name }), let part = part(number, of: unit.nanoseconds)
            else { return nil }
            total += part
            guard total <= longest else { return nil }
        }
        return total
    }

    /// Units as people write them besides, by the one that is meant.
    private static let otherNames: [(name: String, unit: String)] = [
        ("sec", "s"), ("secs", "s"), ("second", "s"), ("seconds", "s"), ("msec", "ms"), ("millis", "ms"),
        ("millisecond", "ms"), ("milliseconds", "ms"), ("min", "m"), ("mins", "m"), ("minute", "m"), ("minutes", "m"),
        ("hr", "h"), ("hrs", "h"), ("hour", "h"), ("hours", "h"),
    ]

    /// The duration that a text is meant to be which is none: `5 seconds`, `5S`, `2d`; nil where that cannot be told.
    static func meant(by text: String) -> String? {
        let plain = text.lowercased().filter { $0 != " " }
        let number = plain.prefix { ("0"..."9").contains($0) || $0 == "." }
        let name = plain.dropFirst(number.count)
        var found = plain
        if let other = otherNames.first(where: { $0.name == name }) { found = number + other.unit }
        if ["d", "day", "days"].contains(name), let days = Int(number), days < 36_500 { found = "\(days * 24)h" }
        return duration(found) == nil ? nil : found
    }

    /// `number` times a unit; a number has digits on at least one side of at most one point.
    private static func part(_ number: Substring, of unit: Int64) -> Duration? {
        let sides = number.split(separator: ".", omittingEmptySubsequences: false)
        guard sides.count <= 2, sides.contains(where: { !$0.isEmpty }) else { return nil }
        guard let whole = sides[0].isEmpty ? 0 : Int64(sides[0]) else { return nil }
        let (nanoseconds, overflow) = whole.multipliedReportingOverflow(by: unit)
        guard !overflow else { return nil }
        var fraction: Int64 = 0
        var scale = unit
        for digit in sides.count == 2 ? sides[1] : "" {
            scale /= 10
            fraction += Int64(digit.wholeNumberValue ?? 0) * scale
        }
        return .nanoseconds(nanoseconds) + .nanoseconds(fraction)
    }
}
