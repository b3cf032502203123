extension VirtualServiceSpec {
    /// What browsers may do from pages of other origins (I 2.11).
    package struct CORSPolicy: Sendable, Hashable {
        /// What is done with a preflight whose origin does not match.
        package enum UnmatchedPreflights: String, Sendable, Hashable, CaseIterable {
            /// As written by protobuf for an absent value: forward.
            case unspecified = "UNSPECIFIED"
            case forward = "FORWARD"
            case ignore = "IGNORE"
        }

        /// Conditions on the origin, of which one must hold for it or for `*`, which stands for every origin.
        package var allowOrigins: [TextMatch] = []
        package var allowMethods: [String] = []
        package var allowHeaders: [String] = []
        package var exposeHeaders: [String] = []
        /// How long a browser may keep the answer to a preflight; whole seconds.
        package var maxAge: Duration?
        package var allowCredentials: Bool?
        /// Nil forwards them to the service.
        package var unmatchedPreflights: UnmatchedPreflights?

        init(_ reader: ObjectReader) {
            let older = reader.strings("allowOrigin", about: "Deprecated: use allowOrigins.")
            if !older.isEmpty {
                reader.warn("allowOrigin", "is deprecated, but works; write allowOrigins: [{exact: ORIGIN}]")
            }
            allowOrigins =
                reader.objects(
                    "allowOrigins", short: .text("exact"), about: "Origins of pages, of which one must match."
                ).map {
                    TextMatch($0)
                }
                + older.map(TextMatch.exact)
            allowMethods = reader.strings("allowMethods", about: "Methods that such pages may use.")
            allowHeaders = reader.strings("allowHeaders", about: "Headers that such pages may send.")
            exposeHeaders = reader.strings("exposeHeaders", about: "Headers that such pages may read.")
            maxAge = reader.duration("maxAge", about: "How long a browser keeps the answer; whole seconds.")
            allowCredentials = reader.bool("allowCredentials", about: "Whether such pages may send cookies.")
            unmatchedPreflights = reader.choice(
                "unmatchedPreflights", UnmatchedPreflights.self,
                about: "FORWARD sends preflights of other origins on, also where left out; IGNORE answers them.")
            reader.finish()
        }
    }
}
