extension VirtualServiceSpec {
    /// An answer without asking any service (I 2.6).
    package struct DirectResponse: Sendable, Hashable {
        /// 200...599.
        package var status: Int
        /// The body; empty for none.
        package var body: [UInt8] = []

        init(_ reader: ObjectReader) {
            status =
                reader.integer("status", in: 0...Int64(Int32.max), required: true, about: "The status, 200 to 599.")
                .flatMap(Int.init(exactly:)) ?? 0
            if let body = reader.object(
                "body", short: .text("string"), about: "The body, as text or as bytes; none where left out.")
            {
                let text = body.string("string", about: "The body as text.")
                let encoded = body.string("bytes", about: "The body in base64.")
                body.finish()
                if text != nil, encoded != nil {
                    body.problem(
                        "bytes", "is written next to string", remedy: "keep one of the two", reason: .forbidden)
                }
                self.body = text.map { Array($0.utf8) } ?? []
                if let encoded {
                    if let bytes = Base64Text.bytes(encoded) {
                        self.body = bytes
                    } else {
                        body.problem("bytes", "is no base64", remedy: "encode it with base64 -w0, or use string")
                    }
                }
            }
            reader.finish()
        }
    }
}
