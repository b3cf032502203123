extension VirtualServiceSpec {
    /// Changes of a request's path and authority (I 2.4).
    package struct Rewrite: Sendable, Hashable {
        /// A search for every match of an expression in the path.
        package struct Regex: Sendable, Hashable {
            /// The RE2 expression.
            package var match: String
            /// What each match becomes, with `\0` to `\9` for what was captured.
            package var rewrite: String
        }

        /// Replaces the matched prefix, or the whole path where a match is exact or regex.
        package var uri: String?
        /// The new authority.
        package var authority: String?
        /// Instead of `uri`.
        package var uriRegexRewrite: Regex?

        init(_ reader: ObjectReader) {
            uri = reader.string("uri", about: "Replaces the matched prefix, or else the whole path.")
            authority = reader.string("authority", about: "The new host.")
            if let regex = reader.object("uriRegexRewrite", about: "Replaces what an expression matches in the path.") {
                uriRegexRewrite = Regex(
                    match: regex.string("match", about: "The RE2 expression.") ?? "",
                    rewrite: regex.string("rewrite", about: "What each match becomes; \\1 is the first group.") ?? "")
                regex.finish()
            }
            reader.finish()
        }
    }
}
