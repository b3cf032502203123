import MeshModel

/// What browsers may do from pages of other origins (I 2.11).
package struct CORSRule: Sendable {
    /// What happens to one request.
    package enum Decision: Sendable {
        /// The request goes on, and these fields replace those of its response; none where no rule is about it.
        case pass(adding: [(name: String, value: [UInt8])])
        /// It is a preflight: 200 with these fields, and no service is asked.
        case answer([(name: String, value: [UInt8])])
    }

    private static let everyOrigin = Array("*".utf8)

    let origins: [ValueCondition]
    let methods: String
    let headers: String
    let exposed: String
    let maxAge: String?
    let allowsCredentials: Bool
    let forwardsUnmatchedPreflights: Bool

    init(_ policy: VirtualServiceSpec.CORSPolicy, _ engine: any PatternEngine) throws(PatternError) {
        var origins: [ValueCondition] = []
        for match in policy.allowOrigins {
            // A condition without a text names no origin: it must not stand for all of them.
            if match == .present { continue }
            origins.append(try ValueCondition(match, engine))
        }
        self.origins = origins
        methods = policy.allowMethods.joined(separator: ",")
        headers = policy.allowHeaders.joined(separator: ",")
        exposed = policy.exposeHeaders.joined(separator: ",")
        maxAge = policy.maxAge.map { "\($0.components.seconds)" }
        allowsCredentials = policy.allowCredentials ?? false
        forwardsUnmatchedPreflights = policy.unmatchedPreflights != .ignore
    }

    /// The decision for a request.
    package func decide(_ request: some RequestFields) -> Decision {
        guard let origin = request.firstValue(of: FieldName.origin), !origin.isEmpty else { return .pass(adding: []) }
        // As Envoy: a condition that holds for `*` is about every origin, so `exact: "*"` is.
        let matches = origins.contains { $0.holds(for: Self.everyOrigin.span) || $0.holds(for: origin.span) }
        var method = false
        request.forEachValue(of: FieldName.method) { method = $0.equals(Array("OPTIONS".utf8)) }
        guard method, request.has(FieldName.requestMethod) else {
            return .pass(adding: matches ? actual(origin) : [])
        }
        if matches { return .answer(preflight(origin)) }
        return forwardsUnmatchedPreflights ? .pass(adding: []) : .answer([])
    }

    private func common(_ origin: [UInt8]) -> [(name: String, value: [UInt8])] {
        var fields: [(name: String, value: [UInt8])] = [("access-control-allow-origin", origin)]
        if allowsCredentials { fields.append(("access-control-allow-credentials", Array("true".utf8))) }
        return fields
    }

    private func actual(_ origin: [UInt8]) -> [(name: String, value: [UInt8])] {
        var fields = common(origin)
        if !exposed.isEmpty { fields.append(("access-control-expose-headers", Array(exposed.utf8))) }
        return fields
    }

    private func preflight(_ origin: [UInt8]) -> [(name: String, value: [UInt8])] {
        var fields = common(origin)
        if !methods.isEmpty { fields.append(("access-control-allow-methods", Array(methods.utf8))) }
        if !headers.isEmpty { fields.append(("access-control-allow-headers", Array(headers.utf8))) }
        if let maxAge { fields.append(("access-control-max-age", Array(maxAge.utf8))) }
        return fields
    }
}
