/// A condition on a text of a request (Istio's StringMatch, I 1.1). Texts are compared as bytes.
package enum TextMatch: Sendable, Hashable {
    /// The whole text.
    case exact(String)
    /// Its beginning.
    case prefix(String)
    /// A regular expression (RE2) that the whole text matches.
    case regex(String)
    /// That there is one, whatever it is.
    case present

    init(_ reader: ObjectReader) {
        let exact = reader.string("exact", about: "The whole text, compared with case.")
        let prefix = reader.string("prefix", about: "What the text begins with, compared with case.")
        let regex = reader.string("regex", about: "An RE2 expression that the whole text matches.")
        reader.finish(
            remedy: "use exact, prefix or regex; a regex matches the whole text: .*a.* is a text with a in it")
        let written = [exact.map(Self.exact), prefix.map(Self.prefix), regex.map(Self.regex)].compactMap { $0 }
        if written.count > 1 {
            reader.findings.add(
                FieldProblem(
                    path: reader.path, problem: "has several conditions",
                    remedy: "write exactly one of exact, prefix, regex", reason: .forbidden))
        }
        self = written.first ?? .present
    }
}
