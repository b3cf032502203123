extension DestinationRuleSpec {
    /// Requests that are alike in one thing go to the same endpoint.
    package struct ConsistentHash: Sendable, Hashable {
        /// A cookie; the proxy makes one where `ttl` is written.
        package struct Cookie: Sendable, Hashable {
            /// A further attribute of the cookie that is made.
            package struct Attribute: Sendable, Hashable {
                package var name: String
                package var value: String
            }

            package var name: String
            /// The path; empty for none.
            package var path = ""
            /// Zero for as long as the browser is open; nil where no cookie is made.
            package var ttl: Duration?
            package var attributes: [Attribute] = []
        }

        /// What requests must have alike.
        package enum Key: Sendable, Hashable {
            case header(String)
            case cookie(Cookie)
            case sourceAddress
            case queryParameter(String)
        }

        /// How the endpoint is found.
        package enum Algorithm: Sendable, Hashable {
            /// A ring of at least this many points.
            case ringHash(minimumSize: UInt64)
            /// A table of this size, which is a prime.
            case maglev(tableSize: UInt64)
        }

        /// The default size of a ring.
        package static let defaultRingSize: UInt64 = 1024
        /// The default size of a table.
        package static let defaultTableSize: UInt64 = 65_537

        /// Nil where nothing is written: every endpoint is as good.
        package var key: Key?
        package var algorithm: Algorithm
        /// The fields of each choice that are written, for the rules.
        var keys: [String] = []
        var algorithms: [String] = []

        init(_ reader: ObjectReader) {
            keys = ["httpHeaderName", "httpCookie", "useSourceIp", "httpQueryParameterName"].filter(reader.has)
            algorithms = ["ringHash", "maglev", "minimumRingSize"].filter(reader.has)
            key = Self.key(reader)
            let sizes: ClosedRange<Int64> = 0...Int64(UInt32.max)
            let older = reader.integer("minimumRingSize", in: sizes, about: "Deprecated: use ringHash.minimumRingSize.")
            if let older {
                reader.warn(
                    "minimumRingSize", "is deprecated, but works; write ringHash: {minimumRingSize: \(older)}")
            }
            algorithm = .ringHash(minimumSize: older.flatMap(UInt64.init(exactly:)) ?? Self.defaultRingSize)
            if let ring = reader.object("ringHash", about: "Find the endpoint by a ring of hashes; the default.") {
                let size = ring.integer("minimumRingSize", in: sizes, about: "Points on the ring; 1024 without.")
                ring.finish()
                algorithm = .ringHash(minimumSize: size.flatMap(UInt64.init(exactly:)) ?? Self.defaultRingSize)
            }
            if let maglev = reader.object("maglev", about: "Find the endpoint by a Maglev table.") {
                let size = maglev.integer(
                    "tableSize", in: sizes, required: true, about: "Entries of the table, a prime such as 65537.")
                maglev.finish()
                algorithm = .maglev(tableSize: size.flatMap(UInt64.init(exactly:)) ?? Self.defaultTableSize)
            }
            reader.finish()
        }

        private static func key(_ reader: ObjectReader) -> Key? {
            let header = reader.string("httpHeaderName", about: "The header that counts.")
            let cookie = reader.object("httpCookie", about: "The cookie that counts.").map { Cookie($0) }
            let source = reader.bool("useSourceIp", about: "The client's address counts.")
            let parameter = reader.string("httpQueryParameterName", about: "The parameter of the query that counts.")
            return header.map(Key.header) ?? cookie.map(Key.cookie) ?? (source == true ? .sourceAddress : nil)
                ?? parameter.map(Key.queryParameter)
        }
    }
}

extension DestinationRuleSpec.ConsistentHash.Cookie {
    fileprivate init(_ reader: ObjectReader) {
        name = reader.string("name", required: true, about: "The cookie's name.") ?? ""
        path = reader.string("path", about: "The path of the cookie that is made.") ?? ""
        ttl = reader.duration(
            "ttl", atLeast: .zero,
            about: "How long the cookie lives that is made; 0s for a session; none is made without.")
        for attribute in reader.objects("attributes", about: "Further attributes of the cookie that is made.") {
            attributes.append(
                Attribute(
                    name: attribute.string("name", required: true, about: "The attribute's name.") ?? "",
                    value: attribute.string("value", about: "The attribute's value.") ?? ""))
            attribute.finish()
        }
        reader.finish()
    }
}
