extension DestinationRuleSpec {
    /// Which endpoint a request or connection goes to (I 2.16).
    package struct LoadBalancer: Sendable, Hashable {
        /// Choices that do not depend on the request.
        package enum Simple: String, Sendable, Hashable, CaseIterable {
            /// The mesh's own, least requests.
            case unspecified = "UNSPECIFIED"
            case random = "RANDOM"
            case roundRobin = "ROUND_ROBIN"
            case leastRequest = "LEAST_REQUEST"
            /// The address that the client connected to.
            case passthrough = "PASSTHROUGH"

            /// The older name of least requests.
            fileprivate static let leastConnections = "LEAST_CONN"
        }

        /// How one of the endpoints is chosen.
        package enum Algorithm: Sendable, Hashable {
            case simple(Simple)
            case consistentHash(ConsistentHash)
        }

        /// Nil for the mesh's own, least requests.
        package var algorithm: Algorithm?
        /// Which localities are preferred.
        package var localityLbSetting: LocalityLoadBalancer?
        /// Like `localityLbSetting`, with shares by zone; only the locality's part has an effect.
        package var zoneAwareLbSetting: ZoneAwareLoadBalancer?
        /// How fast new endpoints get their share.
        package var warmup: Warmup?
        /// Whether both algorithms are written.
        var hasTwoAlgorithms = false

        init(_ reader: ObjectReader) {
            let simple = Self.simple(reader)
            let hash = reader.object(
                "consistentHash", short: .text("httpHeaderName"),
                about: "Requests that are alike go to the same endpoint."
            ).map {
                ConsistentHash($0)
            }
            hasTwoAlgorithms = simple != nil && hash != nil
            algorithm = hash.map(Algorithm.consistentHash) ?? simple.map(Algorithm.simple)
            localityLbSetting = reader.object("localityLbSetting", about: "Which localities are preferred.").map {
                LocalityLoadBalancer($0)
            }
            zoneAwareLbSetting = reader.object(
                "zoneAwareLbSetting", about: "Prefer the own zone; taken as localityLbSetting, as Istio's waypoints do."
            ).map { ZoneAwareLoadBalancer($0) }
            warmup = Self.warmup(reader)
            reader.finish()
        }

        private static func simple(_ reader: ObjectReader) -> Simple? {
            let words = Simple.allCases.map(\.rawValue) + [Simple.leastConnections]
            let word = reader.word(
                "simple", of: words, about: "RANDOM, ROUND_ROBIN, LEAST_REQUEST (the default) or PASSTHROUGH.")
            guard word == Simple.leastConnections else { return word.flatMap(Simple.init(rawValue:)) }
            reader.warn("simple", "LEAST_CONN is deprecated, but works; write LEAST_REQUEST")
            return .leastRequest
        }

        private static func warmup(_ reader: ObjectReader) -> Warmup? {
            let older = reader.duration("warmupDurationSecs", about: "Deprecated: use warmup.duration.")
            let warmup = reader.object("warmup", about: "Give new endpoints their share slowly.").map { Warmup($0) }
            guard let older else { return warmup }
            reader.warn(
                "warmupDurationSecs",
                warmup == nil
                    ? "is deprecated, but works; write warmup: {duration: ...}"
                    : "is deprecated and does not count next to warmup; remove it")
            return warmup ?? Warmup(duration: older)
        }
    }
}
