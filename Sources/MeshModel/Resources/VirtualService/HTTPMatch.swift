extension VirtualServiceSpec {
    /// A condition on requests; everything that is written must hold (I 2.2).
    package struct HTTPMatch: Sendable, Hashable {
        /// Joined to the route's name in logs; empty for none.
        package var name = ""
        /// The path without query.
        package var uri: TextMatch?
        /// `http` or `https`.
        package var scheme: TextMatch?
        /// The method.
        package var method: TextMatch?
        /// The host, with the port where the client sent one.
        package var authority: TextMatch?
        /// Headers by name; several values are joined by commas.
        package var headers: [String: TextMatch] = [:]
        /// Headers that must not match.
        package var withoutHeaders: [String: TextMatch] = [:]
        /// Parameters of the query by name.
        package var queryParams: [String: TextMatch] = [:]
        /// Whether `uri` (exact or prefix) is compared without case.
        package var ignoreUriCase = false
        /// The port that the request came to.
        package var port: UInt16?
        /// Labels of the client's workload.
        package var sourceLabels: [String: String] = [:]
        /// The client's namespace.
        package var sourceNamespace: String?
        /// Gateways instead of those of the whole VirtualService; empty for those.
        package var gateways: [String] = []
        /// A name for counters; empty for none.
        package var statPrefix = ""
    }
}

extension VirtualServiceSpec.HTTPMatch {
    init(_ reader: ObjectReader) {
        name = reader.string("name", about: "Joined to the route's name in access logs.") ?? ""
        uri = reader.stringMatch("uri", short: .text("prefix", "exact"), about: "The path, without query.")
        scheme = reader.stringMatch("scheme", about: "The scheme, http or https.")
        method = reader.stringMatch("method", about: "The method.")
        authority = reader.stringMatch("authority", about: "The host, with a port where the client sent one.")
        headers = reader.stringMatches("headers", about: "Headers by name; {} for any value.")
        withoutHeaders = reader.stringMatches("withoutHeaders", about: "Headers that must not match.")
        queryParams = reader.stringMatches("queryParams", about: "Parameters of the query by name.")
        ignoreUriCase = reader.bool("ignoreUriCase", about: "Compare uri without case; exact and prefix only.") ?? false
        port = reader.optionalPort("port", about: "The port that the request came to.")
        sourceLabels = reader.stringMap("sourceLabels", about: "Labels of the client's workload.") ?? [:]
        sourceNamespace = reader.text("sourceNamespace", about: "The client's namespace.")
        gateways = reader.strings("gateways", about: "Gateways instead of those of the VirtualService.")
        statPrefix = reader.string("statPrefix", about: "A name for counters of these requests.") ?? ""
        reader.finish()
    }
}
