/// Names that the server makes for objects whose creator gave only a beginning (`generateName`).
enum GeneratedName {
    /// Letters and digits that make no words, as Kubernetes'.
    private static let letters = Array("bcdfghjklmnpqrstvwxz2456789")
    private static let suffixLength = 5
    /// What is left of a name's 63 characters for the beginning.
    private static let longestPrefix = 63 - suffixLength

    /// The beginning, cut to what a name can hold, and five characters at random.
    static func make(
        _ prefix: String, using generator: inout some RandomNumberGenerator
    ) -> String {
        let suffix = (0..<suffixLength).map { _ in letters[Int.random(in: 0..<letters.count, using: &generator)] }
        return String(prefix.prefix(longestPrefix)) + String(suffix)
    }

    static func make(_ prefix: String) -> String {
        var generator = SystemRandomNumberGenerator()
        return make(prefix, using: &generator)
    }
}
