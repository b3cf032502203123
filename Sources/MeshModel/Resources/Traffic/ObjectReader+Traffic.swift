/// How the fields that traffic kinds have in common are read.
extension ObjectReader {
    /// A duration of at least `minimum`, in whole milliseconds as Istio takes them.
    func duration(
        _ key: String, atLeast minimum: Duration = .milliseconds(1), required: Bool = false, about: String = ""
    ) -> Duration? {
        switch value(key) {
        case .int(let number): return withoutUnit(key, "\(number)")
        case .double(let number): return withoutUnit(key, JSONValue.double(number).compactText)
        case .object, .array:
            problem(key, "is no duration", remedy: Self.durationRemedy)
            return nil
        default: break
        }
        guard let text = string(key, required: required, about: about) else { return nil }
        guard let duration = DurationText.duration(text) else {
            if TypeRemedy.number(in: text) == text { return withoutUnit(key, text) }
            let meant = DurationText.meant(by: text).map { "write \($0)" }
            problem(
                key, value: text, "is no duration",
                remedy: meant ?? Self.durationRemedy)
            return nil
        }
        guard duration >= minimum else {
            let shortest = minimum == .seconds(1) ? "1s" : "1ms"
            problem(key, value: text, "is too short", remedy: "write at least \(shortest), or leave it out")
            return nil
        }
        guard duration.components.attoseconds % 1_000_000_000_000_000 == 0 else {
            problem(key, value: text, "is finer than a millisecond", remedy: "write whole milliseconds")
            return nil
        }
        return duration
    }

    private static let durationRemedy = "write a number and a unit, such as 500ms, 1.5s or 1h"

    private func withoutUnit(_ key: String, _ number: String) -> Duration? {
        problem(key, value: number, "has no unit", remedy: "write \(number)s for seconds, \(number)ms for milliseconds")
        return nil
    }

    /// A share of requests, written as an object with a `value` from 0 to 100.
    func percentage(_ key: String, about: String = "") -> Percentage? {
        guard let reader = object(key, short: .number("value"), about: about) else { return nil }
        let value = reader.number("value", in: 0...100, about: "Percent, from 0 to 100, as fine as 0.0001.")
        reader.finish()
        guard let percentage = Percentage(percent: value ?? 0) else {
            reader.problem(
                "value", value: value.map { "\($0)" }, "is smaller than a millionth", remedy: "use 0.0001 or more, or 0"
            )
            return nil
        }
        return percentage
    }

    /// A condition on a text. `{}` is that there is one.
    func stringMatch(_ key: String, short: Shorthand = .text("exact"), about: String = "") -> TextMatch? {
        guard let reader = object(key, short: short, about: about) else { return nil }
        return TextMatch(reader)
    }

    /// Conditions by names that are data, such as a header's.
    func stringMatches(_ key: String, about: String = "") -> [String: TextMatch] {
        guard let reader = object(key, isMap: true, about: about) else { return [:] }
        var matches: [String: TextMatch] = [:]
        for name in reader.names {
            if let match = reader.stringMatch(name) {
                matches[name] = match
            } else if !reader.has(name) {
                reader.problem(
                    name, "is null", remedy: "write {} for any value, or one of exact, prefix, regex",
                    reason: .required)
            }
        }
        reader.finish()
        return matches
    }

    /// One word of an enum whose raw values are the API's words.
    func choice<Choice: RawRepresentable & CaseIterable>(
        _ key: String, _ type: Choice.Type, required: Bool = false, about: String = ""
    ) -> Choice? where Choice.RawValue == String {
        word(key, of: Choice.allCases.map(\.rawValue), required: required, about: about)
            .flatMap(Choice.init(rawValue:))
    }

    /// A text; an empty one counts as absent, as in protobuf.
    func text(_ key: String, about: String) -> String? {
        string(key, about: about).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// A count that fits a signed 32-bit number, as protobuf has it.
    func count(_ key: String, from minimum: Int64 = 0, about: String = "") -> Int? {
        integer(key, in: minimum...Int64(Int32.max), about: about).flatMap(Int.init(exactly:))
    }
}
