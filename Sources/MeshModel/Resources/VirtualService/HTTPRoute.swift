extension VirtualServiceSpec {
    /// What is done with the requests that match.
    package struct HTTPRoute: Sendable, Hashable {
        /// The name in logs; empty for none.
        package var name = ""
        /// Conditions, of which one must hold; empty for every request.
        package var match: [HTTPMatch] = []
        /// Where the requests go, by weight.
        package var route: [HTTPRouteDestination] = []
        /// Answer with a redirect instead.
        package var redirect: Redirect?
        /// Answer with this instead.
        package var directResponse: DirectResponse?
        /// Another VirtualService that has the routes.
        package var delegate: Delegate?
        /// Changes of path and authority.
        package var rewrite: Rewrite?
        /// How long a request may take with all its retries; nil for no limit.
        package var timeout: Duration?
        /// When requests are tried again; nil for the default.
        package var retries: Retries?
        /// Errors that are made up.
        package var fault: Fault?
        /// A service that gets a copy.
        package var mirror: Destination?
        /// How many requests `mirror` gets; nil for all.
        package var mirrorPercentage: Percentage?
        /// Services that get copies.
        package var mirrors: [Mirror] = []
        /// Answers to browsers of other origins.
        package var corsPolicy: CORSPolicy?
        /// Changes of headers.
        package var headers: HeaderOperations?
    }
}

extension VirtualServiceSpec.HTTPRoute {
    init(_ reader: ObjectReader) {
        name = reader.string("name", about: "The route's name in access logs.") ?? ""
        match = reader.objects("match", about: "Conditions, of which one must hold; every request without.").map {
            VirtualServiceSpec.HTTPMatch($0)
        }
        route = reader.objects(
            "route", short: .text("host", in: "destination"), about: "Where the requests go, shared by weight."
        ).map {
            VirtualServiceSpec.HTTPRouteDestination($0)
        }
        redirect = reader.object(
            "redirect", short: .text("uri"), about: "Answer with a redirect instead of sending it on."
        ).map {
            VirtualServiceSpec.Redirect($0)
        }
        directResponse = reader.object(
            "directResponse", short: .number("status"), about: "Answer with this instead of sending it on."
        ).map {
            VirtualServiceSpec.DirectResponse($0)
        }
        delegate = reader.object(
            "delegate", short: .text("name"), about: "A VirtualService without hosts that has the routes."
        ).map {
            VirtualServiceSpec.Delegate($0)
        }
        rewrite = reader.object(
            "rewrite", short: .text("uri"), about: "Changes of path and authority before it is sent on."
        ).map {
            VirtualServiceSpec.Rewrite($0)
        }
        timeout = reader.duration("timeout", about: "How long a request may take with all retries; no limit without.")
        retries = reader.object(
            "retries", short: .number("attempts"), about: "When a request is tried again; {} for never."
        ).map {
            VirtualServiceSpec.Retries($0)
        }
        fault = reader.object("fault", about: "Errors and delays that are made up, for tests.").map {
            VirtualServiceSpec.Fault($0)
        }
        mirror = reader.object(
            "mirror", short: .text("host"),
            about: "A service that gets a copy of the requests; its answers are dropped."
        )
        .map { Destination($0) }
        mirrorPercentage = Self.mirrorPercentage(reader)
        mirrors = reader.objects(
            "mirrors", short: .text("host", in: "destination"), about: "Services that get copies of the requests."
        ).map {
            VirtualServiceSpec.Mirror($0)
        }
        corsPolicy = reader.object("corsPolicy", about: "What browsers may do from pages of other origins.").map {
            VirtualServiceSpec.CORSPolicy($0)
        }
        headers = reader.object("headers", about: "Changes of headers.").map { HeaderOperations($0) }
        reader.finish()
    }

    /// The older spelling counts where the newer is missing (I 2.10).
    private static func mirrorPercentage(_ reader: ObjectReader) -> Percentage? {
        let older = reader.integer("mirrorPercent", in: 0...100, about: "Deprecated: use mirrorPercentage.value.")
        if let older {
            reader.warn(
                "mirrorPercent",
                reader.has("mirrorPercentage")
                    ? "is deprecated and does not count next to mirrorPercentage; remove it"
                    : "is deprecated, but works; write mirrorPercentage: {value: \(older)}")
        }
        return reader.percentage("mirrorPercentage", about: "How many of the requests mirror gets; all without.")
            ?? older.flatMap { Percentage(percent: Double($0)) }
    }
}
