/// What a waypoint or gateway reports to be wrong with its servers, bounded on both sides of the report: a node must not fill the store
/// of its control plane, nor write to the terminal of whoever lists its gateways. Pure.
package struct ReportedProblems: Sendable, Equatable {
    /// How many messages are kept; the last one says how many more there were.
    package static let countLimit = 16
    /// How many characters of a message are kept; what is left out is marked by `…`.
    package static let lengthLimit = 300

    /// The messages, each of one line and not empty.
    package let messages: [String]

    /// Those of `texts` that fit, in order.
    package init(_ texts: [String] = []) {
        let lines = texts.filter { !$0.isEmpty }
        let count = lines.count
        let kept = lines.prefix(count > Self.countLimit ? Self.countLimit - 1 : count).map(Self.line)
        messages = count > kept.count ? kept + ["and \(count - kept.count) more"] : kept
    }

    private static func line(_ text: String) -> String {
        // Before it is taken apart into characters: one of them may have any number of scalars.
        let scalars = text.unicodeScalars.prefix(Self.lengthLimit)
        var line = String.UnicodeScalarView()
        line.append(contentsOf: scalars.map { isPlain($0) ? $0 : " " })
        return scalars.endIndex == text.unicodeScalars.endIndex ? String(line) : String(line) + "…"
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}
