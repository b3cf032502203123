/// The rules of one condition on requests.
struct HTTPMatchRules {
    /// What a header's name begins with that stands for a claim of a JSON web token (I 2.2).
    private static let claims = "@request.auth.claims"

    let match: VirtualServiceSpec.HTTPMatch
    /// Whether the VirtualService is for traffic between services, too.
    let isForMesh: Bool
    let path: FieldPath
    let findings: Findings
    let texts: TextMatchRules

    func check() {
        texts.check(match.uri, at: path.appending(key: "uri"), allowsEmptyPrefix: true)
        for (key, value) in [("scheme", match.scheme), ("method", match.method), ("authority", match.authority)] {
            texts.check(value, at: path.appending(key: key))
        }
        checkHeaders(match.headers, at: path.appending(key: "headers"), isInverted: false)
        checkHeaders(match.withoutHeaders, at: path.appending(key: "withoutHeaders"), isInverted: true)
        for (name, value) in match.queryParams.sorted(by: { $0.key < $1.key }) {
            let place = path.appending(key: "queryParams").appending(key: name)
            if name.isEmpty { findings.add(place, "has an empty name", "name the parameter") }
            texts.check(value, at: place)
        }
        TextMatchRules.check(labels: match.sourceLabels, namespace: match.sourceNamespace, at: path, findings)
        for (index, name) in match.gateways.enumerated() {
            GatewayNameRules.check(name, at: path.appending(key: "gateways").appending(index: index), findings)
        }
        if match.ignoreUriCase, case .regex? = match.uri {
            findings.warn(
                path.appending(key: "ignoreUriCase"), "has no effect on a regex; begin the expression with (?i)")
        }
    }

    private func checkHeaders(_ headers: [String: TextMatch], at place: FieldPath, isInverted: Bool) {
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) {
            let one = place.appending(key: name)
            if name.hasPrefix(Self.claims) {
                findings.add(
                    one, name, "is a claim of a JSON web token, which this version does not check",
                    isForMesh ? "match a header" : "match a header, or let the service look at the token", .notSupported
                )
                continue
            }
            if let problem = HeaderRules.problem(ofName: name) {
                findings.add(one, name, problem, HeaderRules.nameRemedy)
            }
            // Older documents write it for "any value"; only here, as in Istio.
            if isInverted, value == .regex("*") { continue }
            texts.check(value, at: one)
        }
    }
}
