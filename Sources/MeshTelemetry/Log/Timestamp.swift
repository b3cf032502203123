/// RFC 3339 text of a time, without a calendar library.
package enum Timestamp {
    /// `2026-11-21T07:55:00.000123Z` for microseconds since 1970.
    package static func text(_ microseconds: UInt64) -> String {
        let seconds = microseconds / 1_000_000
        let fraction = microseconds % 1_000_000
        return "\(text(seconds: Int64(clamping: seconds), fraction: ".\(padded(fraction, 6))"))"
    }

    /// `2026-11-21T07:55:00Z` for whole seconds since 1970; certificates and config dumps use it.
    package static func text(seconds: Int64) -> String {
        text(seconds: seconds, fraction: "")
    }

    private static func text(seconds: Int64, fraction: String) -> String {
        // Days since 1970 to a civil date: years begin in March, so that the leap day is the last of its year, and
        // eras of 400 years have a fixed length of 146,097 days.
        let (dayCount, secondOfDay) = floorDivide(seconds, 86_400)
        let (era, dayOfEra) = floorDivide(dayCount + 719_468, 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let clock = [secondOfDay / 3600, secondOfDay / 60 % 60, secondOfDay % 60].map { padded(UInt64($0), 2) }
        return "\(padded(UInt64(max(0, year)), 4))-\(padded(UInt64(month), 2))-\(padded(UInt64(day), 2))T"
            + clock.joined(separator: ":") + fraction + "Z"
    }

    private static func floorDivide(_ number: Int64, _ divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = number.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    private static func padded(_ number: UInt64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
