extension DestinationRuleSpec {
    /// A new endpoint's share grows from `minimumPercent` to the whole over `duration` (I 2.16).
    package struct Warmup: Sendable, Hashable {
        /// The share at the start without another: 10 percent.
        package static let defaultMinimumPercent = 10.0
        /// Growth in a straight line.
        package static let defaultAggression = 1.0

        /// Zero where it is missing, which is a problem.
        package var duration: Duration
        /// 0...100.
        package var minimumPercent = defaultMinimumPercent
        /// More than 0; greater grows faster at the start.
        package var aggression = defaultAggression

        init(duration: Duration) {
            self.duration = duration
        }

        init(_ reader: ObjectReader) {
            duration = reader.duration("duration", required: true, about: "How long it takes.") ?? .zero
            if let percent = reader.number("minimumPercent", in: 0...100, about: "The share at the start; 10 without.")
            {
                minimumPercent = percent
            }
            if let speed = reader.number(
                "aggression", in: 0...1_000_000, about: "How fast the share grows at the start; 1, a line, without.")
            {
                aggression = speed
            }
            reader.finish()
        }
    }
}
