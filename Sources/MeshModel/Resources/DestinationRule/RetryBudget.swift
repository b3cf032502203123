extension DestinationRuleSpec {
    /// How many retries may be under way at once, by what else is.
    package struct RetryBudget: Sendable, Hashable {
        /// Of the requests under way, in percent of a hundred.
        package var percent = 20.0
        /// This many in any case.
        package var minRetryConcurrency: UInt32 = 3
        /// The time over which requests are counted as well; zero for those under way only.
        package var budgetInterval = Duration.zero

        init(_ reader: ObjectReader) {
            if let share = reader.number("percent", in: 0...100, about: "Of the requests under way; 20 without.") {
                percent = share
            }
            if let least = reader.integer(
                "minRetryConcurrency", in: 0...Int64(UInt32.max), about: "Retries that may always be; 3 without.")
            {
                minRetryConcurrency = UInt32(exactly: least) ?? 3
            }
            budgetInterval =
                reader.duration(
                    "budgetInterval", atLeast: .zero, about: "Count requests of this long, too; 0s without.") ?? .zero
            reader.finish()
        }
    }
}
