extension DestinationRuleSpec {
    /// Which endpoints are left out for a while after errors (I 2.15). Nil is the default that each field names.
    package struct OutlierDetection: Sendable, Hashable {
        /// Errors of the gateway kind (502, 503, 504, connection failures) in a row; nil or 0 for off.
        package var consecutiveGatewayErrors: UInt32?
        /// Errors 5xx in a row; nil for 5, 0 for off.
        package var consecutive5xxErrors: UInt32?
        /// Whether errors of our own (connecting, timeouts) are counted apart.
        package var splitExternalLocalOriginErrors: Bool?
        /// Those in a row; nil for 5.
        package var consecutiveLocalOriginFailures: UInt32?
        /// The time between looks; nil for 10 s.
        package var interval: Duration?
        /// How long it is left out the first time; nil for 30 s.
        package var baseEjectionTime: Duration?
        /// How many of the endpoints may be left out, in percent; nil for 10.
        package var maxEjectionPercent: Int?
        /// With a smaller share of healthy endpoints none is left out, in percent; nil for 0.
        package var minHealthPercent: Int?
        /// Statuses that count as errors instead of 5xx; empty for 5xx.
        package var outlierDetectionHttpErrorCodes: [Int] = []

        init(_ reader: ObjectReader) {
            let older = reader.integer(
                "consecutiveErrors", in: 0...Int64(Int32.max), about: "Deprecated: use consecutive5xxErrors.")
            consecutiveGatewayErrors = Self.errors(
                "consecutiveGatewayErrors", "502, 503, 504 in a row; off without.", reader)
            consecutive5xxErrors = Self.errors(
                "consecutive5xxErrors", "Errors 500 to 599 in a row; 5 without, 0 for off.", reader)
            if let older {
                let isNeeded = consecutive5xxErrors == nil && consecutiveGatewayErrors == nil
                reader.warn(
                    "consecutiveErrors",
                    isNeeded
                        ? "is deprecated, but works as consecutive5xxErrors, which is what to write; Istio ignores it"
                        : "is deprecated and does not count next to the newer fields; remove it")
                if isNeeded { consecutive5xxErrors = UInt32(exactly: older) }
            }
            splitExternalLocalOriginErrors = reader.bool(
                "splitExternalLocalOriginErrors", about: "Count failures to connect and the like apart.")
            consecutiveLocalOriginFailures = Self.errors(
                "consecutiveLocalOriginFailures", "Such failures in a row; 5 without.", reader)
            interval = reader.duration("interval", about: "The time between looks; 10s without.")
            baseEjectionTime = reader.duration("baseEjectionTime", about: "How long at first; 30s without.")
            maxEjectionPercent = reader.integer(
                "maxEjectionPercent", in: 0...100, about: "How many endpoints may be left out at once; 10 without."
            ).flatMap(Int.init(exactly:))
            minHealthPercent = reader.integer(
                "minHealthPercent", in: 0...100, about: "With a smaller share of healthy ones none is; 0 without."
            ).flatMap(Int.init(exactly:))
            outlierDetectionHttpErrorCodes = reader.integers(
                "outlierDetectionHttpErrorCodes", in: 100...599, about: "Statuses that count instead of 5xx."
            ).compactMap(Int.init(exactly:))
            reader.finish()
        }

        private static func errors(_ key: String, _ about: String, _ reader: ObjectReader) -> UInt32? {
            reader.integer(key, in: 0...Int64(UInt32.max), about: about).flatMap(UInt32.init(exactly:))
        }
    }
}
