extension DestinationRuleSpec {
    /// Which localities are preferred (I 2.16).
    package struct LocalityLoadBalancer: Sendable, Hashable {
        /// How the traffic of one place is shared.
        package struct Distribution: Sendable, Hashable {
            /// The client's locality: `region`, `region/zone`, `region/zone/subzone`, `*` for the rest of it.
            package var from: String
            /// Percents by locality, a hundred together.
            package var to: [String: Int] = [:]
        }

        /// Where the traffic of a region goes when its endpoints fail.
        package struct Failover: Sendable, Hashable {
            package var from: String
            package var to: String
        }

        /// Nil for the mesh's own, yes.
        package var enabled: Bool?
        package var distribute: [Distribution] = []
        package var failover: [Failover] = []
        /// Labels, `label` or `label=value`; an endpoint is preferred by how many of them in a row it has alike.
        package var failoverPriority: [String] = []

        init(_ reader: ObjectReader) {
            enabled = reader.bool("enabled", about: "Whether localities are looked at; true without.")
            for entry in reader.objects("distribute", about: "Shares of localities by the client's.") {
                var distribution = Distribution(
                    from: entry.string("from", required: true, about: "The client's locality; * for any part.") ?? "")
                if let to = entry.object("to", isMap: true, about: "Percents by locality, 100 together.") {
                    for name in to.names {
                        distribution.to[name] = to.integer(name, in: 0...Int64(UInt32.max)).flatMap(Int.init(exactly:))
                    }
                }
                entry.finish()
                distribute.append(distribution)
            }
            failover = Self.failover(reader)
            failoverPriority = reader.strings(
                "failoverPriority", about: "Labels by which endpoints are preferred that have them as the client does.")
            reader.finish()
        }

        /// The `failover` of an object.
        static func failover(_ reader: ObjectReader) -> [Failover] {
            reader.objects("failover", about: "Regions that take over when one fails.").map { entry in
                defer { entry.finish() }
                return Failover(
                    from: entry.string("from", required: true, about: "The client's region.") ?? "",
                    to: entry.string("to", required: true, about: "The region that takes over.") ?? "")
            }
        }
    }

    /// Shares by zone: Istio's waypoints take it as ``LocalityLoadBalancer``, and so do we.
    package struct ZoneAwareLoadBalancer: Sendable, Hashable {
        package var enabled: Bool?
        package var failover: [LocalityLoadBalancer.Failover] = []
        package var failoverPriority: [String] = []
        /// Fewer endpoints than these are not shared by zone; nil for 6.
        package var minClusterSize: UInt64?

        init(_ reader: ObjectReader) {
            enabled = reader.bool("enabled", about: "Whether zones are looked at.")
            failover = LocalityLoadBalancer.failover(reader)
            failoverPriority = reader.strings(
                "failoverPriority", about: "Labels by which endpoints are preferred that have them as the client does.")
            minClusterSize = reader.integer(
                "minClusterSize", in: 0...Int64.max, about: "Accepted; shares by zone are not made by waypoints."
            ).flatMap(UInt64.init(exactly:))
            reader.finish()
        }
    }
}
