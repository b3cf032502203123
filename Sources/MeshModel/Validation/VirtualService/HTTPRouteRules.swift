/// The rules of one route of requests (I 3.2): what may stand together; parts have rules of their own.
struct HTTPRouteRules {
    /// The largest body of a direct response, in bytes, and the size from which it is said to be large.
    static let largestBody = 1 << 20
    static let largeBody = 100 << 10
    private static let methods: Set<String> = [
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE", "*",
    ]

    let route: VirtualServiceSpec.HTTPRoute
    /// Whether the whole VirtualService is a delegate.
    let isInDelegate: Bool
    /// Whether it is for traffic between services, too.
    let isForMesh: Bool
    let path: FieldPath
    let findings: Findings
    let patterns: (any PatternEngine)?

    func check() {
        checkAction()
        for (index, match) in route.match.enumerated() {
            HTTPMatchRules(
                match: match, isForMesh: isForMesh, path: path.appending(key: "match").appending(index: index),
                findings: findings, texts: TextMatchRules(findings: findings, patterns: patterns)
            ).check()
        }
        checkDestinations()
        HeaderRules(findings: findings).check(
            route.headers, hasAuthority: route.rewrite?.authority?.isEmpty == false, at: path.appending(key: "headers"))
        checkRedirect()
        checkDirectResponse()
        checkRewrite()
        RetryRules.check(route.retries, at: path.appending(key: "retries"), findings)
        FaultRules.check(route.fault, at: path.appending(key: "fault"), findings)
        checkMirrors()
        checkCORS()
    }

    private func checkAction() {
        if let delegate = route.delegate {
            checkDelegate(delegate)
        } else if route.route.isEmpty, route.redirect == nil, route.directResponse == nil {
            findings.add(
                path.appending(key: "route"),
                "is required where neither redirect, directResponse nor delegate is written",
                "give a destination", .required)
        }
        let parts: [(key: String, isWritten: Bool)] = [
            ("route", !route.route.isEmpty), ("fault", route.fault != nil), ("rewrite", route.rewrite != nil),
        ]
        if route.redirect != nil {
            for part in parts where part.isWritten { exclude(part.key, "redirect") }
            if route.directResponse != nil { exclude("directResponse", "redirect") }
        }
        if route.directResponse != nil {
            for part in parts where part.isWritten { exclude(part.key, "directResponse") }
        }
        if route.mirror != nil, !route.mirrors.isEmpty { exclude("mirrors", "mirror") }
    }

    private func exclude(_ key: String, _ other: String) {
        findings.add(path.appending(key: key), "is written next to \(other)", "keep one of the two", .forbidden)
    }

    private func checkDelegate(_ delegate: VirtualServiceSpec.Delegate) {
        let place = path.appending(key: "delegate")
        if isInDelegate {
            findings.add(
                place, "stands in a delegate, and delegates go one level only", "give hosts, or write the routes here",
                .forbidden)
        }
        for (key, isWritten) in [
            ("route", !route.route.isEmpty), ("redirect", route.redirect != nil),
            ("directResponse", route.directResponse != nil),
        ] where isWritten { exclude(key, "delegate") }
        if !delegate.name.isEmpty, let problem = NameRules.subdomain(delegate.name) {
            findings.add(place.appending(key: "name"), delegate.name, problem, "use the name of a VirtualService")
        }
        if let namespace = delegate.namespace, let problem = NameRules.label(namespace) {
            findings.add(place.appending(key: "namespace"), namespace, problem, "use the name of a namespace")
        }
    }

    private func checkDestinations() {
        let place = path.appending(key: "route")
        for (index, entry) in route.route.enumerated() {
            let one = place.appending(index: index)
            DestinationRules.check(entry.destination, at: one.appending(key: "destination"), findings)
            HeaderRules(findings: findings).check(entry.headers, hasAuthority: false, at: one.appending(key: "headers"))
        }
        DestinationRules.check(weights: route.route.map(\.weight), at: place, findings)
    }

    private func checkRedirect() {
        guard let redirect = route.redirect else { return }
        let place = path.appending(key: "redirect")
        if redirect.uri == nil, redirect.prefixRewrite == nil, redirect.authority == nil, redirect.port == nil,
            redirect.scheme == nil
        {
            findings.add(
                place, "leads back to where it came from", "give uri, prefixRewrite, authority, port or scheme",
                .required)
        }
        if redirect.hasTwoPorts {
            findings.add(
                place.appending(key: "derivePort"), "is written next to port", "keep one of the two", .forbidden)
        }
        if redirect.prefixRewrite != nil {
            if redirect.uri != nil {
                findings.add(
                    place.appending(key: "prefixRewrite"), "is written next to uri", "keep one of the two", .forbidden)
            }
            let isPrefix = { (match: VirtualServiceSpec.HTTPMatch) in
                if case .prefix? = match.uri { true } else { false }
            }
            if route.match.isEmpty || !route.match.allSatisfy(isPrefix) {
                findings.add(
                    place.appending(key: "prefixRewrite"), "needs the prefix that it replaces",
                    "write a uri prefix in each match, or use uri")
            }
        }
        if redirect.code < 300 || redirect.code > 399 {
            findings.add(
                place.appending(key: "redirectCode"), "\(redirect.code)", "is no redirect",
                "use 301, 302, 303, 307 or 308")
        } else if ![301, 302, 303, 307, 308].contains(redirect.code) {
            findings.warn(
                place.appending(key: "redirectCode"), "\(redirect.code) redirects nobody; use 301, 302, 303, 307 or 308"
            )
        }
        if let scheme = redirect.scheme, !["", "http", "https"].contains(scheme) {
            findings.add(place.appending(key: "scheme"), scheme, "is no scheme of the web", "use http or https")
        }
    }

    private func checkDirectResponse() {
        guard let response = route.directResponse else { return }
        let place = path.appending(key: "directResponse")
        if response.status != 0, !(200...599).contains(response.status) {
            findings.add(
                place.appending(key: "status"), "\(response.status)", "is no final status", "use one from 200 to 599")
        }
        if response.body.count > Self.largestBody {
            findings.add(
                place.appending(key: "body"), "\(response.body.count)", "bytes are too many",
                "at most \(Self.largestBody) are accepted")
        } else if response.body.count > Self.largeBody {
            findings.warn(
                place.appending(key: "body"), "\(response.body.count) bytes go to every gateway; serve it by a service")
        }
    }

    private func checkRewrite() {
        guard let rewrite = route.rewrite else { return }
        let place = path.appending(key: "rewrite")
        if rewrite.uri == nil, rewrite.authority == nil, rewrite.uriRegexRewrite == nil {
            findings.add(place, "says nothing", "give uri, authority or uriRegexRewrite", .required)
        }
        guard let regex = rewrite.uriRegexRewrite else { return }
        let one = place.appending(key: "uriRegexRewrite")
        if rewrite.uri != nil { findings.add(one, "is written next to uri", "keep one of the two", .forbidden) }
        if regex.match.isEmpty {
            findings.add(one.appending(key: "match"), "is required", "give an RE2 expression", .required)
        } else {
            TextMatchRules(findings: findings, patterns: patterns).check(
                regex: regex.match, at: one.appending(key: "match"))
        }
        if let problem = problem(of: regex) {
            findings.add(
                one.appending(key: "rewrite"), regex.rewrite, "cannot be used: \(problem)",
                "write \\1 for the first group of match, \\\\ for a backslash")
        }
        if regex.rewrite.isEmpty {
            findings.add(
                one.appending(key: "rewrite"), "is required", "give what each match becomes, such as /\\1", .required)
        }
    }

    /// What is wrong with a replacement, where its expression is one.
    private func problem(of regex: VirtualServiceSpec.Rewrite.Regex) -> String? {
        guard let pattern = try? patterns?.compile(regex.match) else { return nil }
        do throws(PatternError) {
            _ = try pattern.replacement(regex.rewrite)
            return nil
        } catch {
            return error.reason
        }
    }

    private func checkMirrors() {
        if let mirror = route.mirror {
            DestinationRules.check(mirror, at: path.appending(key: "mirror"), findings)
        } else if route.mirrorPercentage != nil {
            findings.warn(path.appending(key: "mirrorPercentage"), "has no effect without mirror")
        }
        for (index, mirror) in route.mirrors.enumerated() {
            DestinationRules.check(
                mirror.destination,
                at: path.appending(key: "mirrors").appending(index: index).appending(key: "destination"), findings)
        }
    }

    private func checkCORS() {
        guard let policy = route.corsPolicy else { return }
        let place = path.appending(key: "corsPolicy")
        let texts = TextMatchRules(findings: findings, patterns: patterns)
        for (index, origin) in policy.allowOrigins.enumerated() {
            let one = place.appending(key: "allowOrigins").appending(index: index)
            if origin == .present {
                findings.add(one, "is empty", "write one of exact, prefix, regex", .required)
            } else {
                texts.check(origin, at: one)
            }
        }
        for (index, method) in policy.allowMethods.enumerated() where !Self.methods.contains(method) {
            findings.add(
                place.appending(key: "allowMethods").appending(index: index), method, "is no method of HTTP",
                "use one such as GET, in capitals", .notSupported)
        }
        for (key, names) in [("allowHeaders", policy.allowHeaders), ("exposeHeaders", policy.exposeHeaders)] {
            for (index, name) in names.enumerated() where name != "*" {
                if let problem = HeaderRules.problem(ofName: name) {
                    findings.add(
                        place.appending(key: key).appending(index: index), name, problem, HeaderRules.nameRemedy)
                }
            }
        }
        if let age = policy.maxAge, age.components.attoseconds != 0 {
            findings.add(place.appending(key: "maxAge"), "is finer than a second", "write whole seconds, such as 24h")
        }
    }
}
