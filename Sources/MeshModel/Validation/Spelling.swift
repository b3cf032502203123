/// Guesses what somebody meant to write. Pure.
enum Spelling {
    /// The longest word that is compared; longer ones get no guess.
    private static let longestWord = 64

    /// The candidate that `word` most likely stands for, nil where none is near: other case, snake_case for camelCase, or
    /// at most two letters off (one for short words).
    static func nearest(to word: String, among candidates: [String]) -> String? {
        let plain = folded(word)
        if let same = candidates.first(where: { folded($0) == plain }) { return same }
        guard word.utf8.count <= longestWord else { return nil }
        let allowed = word.utf8.count <= 4 ? 1 : 2
        let ranked = candidates.map { (candidate: $0, distance: distance(plain, folded($0))) }
            .min { ($0.distance, $0.candidate) < ($1.distance, $1.candidate) }
        guard let ranked, ranked.distance <= allowed else { return nil }
        return ranked.candidate
    }

    /// A lowerCamelCase name as protobuf's older documents write it: `mirror_percent`.
    static func snakeCase(_ name: String) -> String {
        var result = ""
        for scalar in name.unicodeScalars {
            if ("A"..."Z").contains(scalar) {
                result.unicodeScalars.append("_")
                result.unicodeScalars.append(Unicode.Scalar(UInt8(scalar.value) + 32))
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func folded(_ word: String) -> [UInt8] {
        word.lowercased().utf8.filter { $0 != UInt8(ascii: "_") && $0 != UInt8(ascii: "-") }
    }

    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var previous = Array(0...right.count)
        for (row, byte) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                current.append(
                    min(previous[column] + (byte == other ? 0 : 1), previous[column + 1] + 1, current[column] + 1))
            }
            previous = current
        }
        return previous[right.count]
    }
}
