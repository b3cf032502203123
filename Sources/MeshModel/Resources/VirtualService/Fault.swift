extension VirtualServiceSpec {
    /// Errors that are made up; a delay comes before an abort (I 2.9).
    package struct Fault: Sendable, Hashable {
        /// A pause before the request goes on.
        package struct Delay: Sendable, Hashable {
            /// How long; nil where it is missing, which is a problem.
            package var fixedDelay: Duration?
            /// How many requests; nil for none.
            package var percentage: Percentage?
        }

        /// An answer instead of the request.
        package struct Abort: Sendable, Hashable {
            /// What is answered.
            package enum Failure: Sendable, Hashable {
                /// This status, 200...599.
                case http(Int)
                /// The gRPC status of this name, such as `UNAVAILABLE`.
                case grpc(String)
            }

            /// What is answered; nil where nothing is written.
            package var failure: Failure?
            /// How many requests; nil for none.
            package var percentage: Percentage?
            /// Whether several failures are written.
            var hasSeveral = false
        }

        package var delay: Delay?
        package var abort: Abort?

        init(_ reader: ObjectReader) {
            delay = reader.object("delay", short: .text("fixedDelay"), about: "A pause before requests go on.").map {
                Delay($0)
            }
            abort = reader.object("abort", short: .number("httpStatus"), about: "An answer instead of the service's.")
                .map { Abort($0) }
            reader.finish()
        }
    }
}

extension VirtualServiceSpec.Fault.Delay {
    fileprivate init(_ reader: ObjectReader) {
        let older = reader.integer("percent", in: 0...100, about: "Deprecated: use percentage.value.")
        if let older {
            reader.warn(
                "percent",
                reader.has("percentage")
                    ? "is deprecated and does not count next to percentage; remove it"
                    : "is deprecated, but works; write percentage: {value: \(older)}")
        }
        fixedDelay = reader.duration("fixedDelay", required: !reader.has("exponentialDelay"), about: "How long.")
        reader.refuse(
            "exponentialDelay", "is not implemented, as in Istio", remedy: "use fixedDelay", about: "Not implemented.")
        percentage =
            reader.percentage("percentage", about: "How many requests; none without.")
            ?? older.flatMap { Percentage(percent: Double($0)) }
        reader.finish()
    }
}

extension VirtualServiceSpec.Fault.Abort {
    fileprivate init(_ reader: ObjectReader) {
        let http = reader.integer("httpStatus", in: 0...Int64(Int32.max), about: "The HTTP status, 200 to 599.")
            .flatMap(Int.init(exactly:))
        let grpc = reader.string("grpcStatus", about: "The name of a gRPC status, such as UNAVAILABLE.")
        reader.refuse(
            "http2Error", "is not implemented, as in Istio", remedy: "use httpStatus", about: "Not implemented.")
        failure = http.map(Failure.http) ?? grpc.map(Failure.grpc)
        hasSeveral = http != nil && grpc != nil
        percentage = reader.percentage("percentage", about: "How many requests; none without.")
        reader.finish()
    }
}
