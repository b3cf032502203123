extension VirtualServiceSpec {
    /// An answer that sends the client elsewhere; what is not written stays as it was asked for (I 2.5).
    package struct Redirect: Sendable, Hashable {
        /// The port of the new address.
        package enum Port: Sendable, Hashable {
            case number(UInt16)
            /// 80 or 443 by the scheme.
            case protocolDefault
            /// The port that the request came to.
            case request
        }

        private enum Derivation: String, CaseIterable {
            case protocolDefault = "FROM_PROTOCOL_DEFAULT"
            case request = "FROM_REQUEST_PORT"
        }

        /// The whole new path.
        package var uri: String?
        /// What the matched prefix is replaced by.
        package var prefixRewrite: String?
        /// The new host, perhaps with a port.
        package var authority: String?
        /// The new port; nil as asked for.
        package var port: Port?
        /// The new scheme.
        package var scheme: String?
        /// 301, 302, 303, 307 or 308.
        package var code: Int
        /// Whether both `port` and `derivePort` are written.
        var hasTwoPorts = false

        init(_ reader: ObjectReader) {
            uri = reader.string("uri", about: "The whole new path; the query stays.")
            prefixRewrite = reader.string("prefixRewrite", about: "What the matched prefix of the path is replaced by.")
            authority = reader.string("authority", about: "The new host.")
            let number = reader.port("port", about: "The new port.")
            let derivation = reader.choice(
                "derivePort", Derivation.self, about: "The new port: the scheme's own, or the one that was asked.")
            hasTwoPorts = number != nil && derivation != nil
            port =
                number.map(Port.number)
                ?? derivation.map { $0 == .protocolDefault ? .protocolDefault : .request }
            scheme = reader.string("scheme", about: "The new scheme, http or https.")
            let code = reader.integer(
                "redirectCode", in: 0...Int64(Int32.max), about: "The status; 301 where left out.")
            self.code = code.flatMap(Int.init(exactly:)).flatMap { $0 == 0 ? nil : $0 } ?? 301
            reader.finish()
        }
    }
}
