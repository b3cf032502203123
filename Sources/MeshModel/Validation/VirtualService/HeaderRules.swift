/// The rules of header names and of changes to headers (I 2.12, 3.2).
struct HeaderRules {
    /// What stands for the authority in a request.
    private static let authority: Set<String> = ["host", ":authority"]

    let findings: Findings

    /// All changes of a route or a destination. `hasAuthority` where a rewrite sets the authority already.
    func check(_ operations: HeaderOperations?, hasAuthority: Bool, at path: FieldPath) {
        guard let operations else { return }
        check(operations.request, ofRequest: true, at: path.appending(key: "request"))
        check(operations.response, ofRequest: false, at: path.appending(key: "response"))
        let request = path.appending(key: "request")
        let setters = operations.request.set.keys.filter { Self.authority.contains($0.lowercased()) }.sorted()
        if setters.count > 1 || (hasAuthority && !setters.isEmpty) {
            findings.add(
                request.appending(key: "set"), setters.joined(separator: ", "), "sets the authority twice",
                "keep one of rewrite.authority, Host and :authority", .duplicate)
        }
    }

    private func check(_ changes: HeaderOperations.Changes, ofRequest: Bool, at path: FieldPath) {
        for (key, operation, map) in [("set", UntouchedHeaders.Operation.set, changes.set), ("add", .add, changes.add)]
        {
            for (name, value) in map.sorted(by: { $0.key < $1.key }) {
                let place = path.appending(key: key).appending(key: name)
                if let problem = Self.problem(ofName: name) { findings.add(place, name, problem, Self.nameRemedy) }
                check(value: value, at: place)
                if let reason = UntouchedHeaders.reason(name, operation, ofRequest: ofRequest) {
                    findings.warn(place, reason)
                }
            }
        }
        for (index, name) in changes.remove.enumerated() {
            let place = path.appending(key: "remove").appending(index: index)
            if let problem = Self.problem(ofName: name) {
                findings.add(place, name, problem, Self.nameRemedy)
            } else if ofRequest, Self.authority.contains(name.lowercased()) {
                findings.add(place, name, "is needed by every request", "remove the entry")
            } else if let reason = UntouchedHeaders.reason(name, .remove, ofRequest: ofRequest) {
                findings.warn(place, "\"\(name)\" \(reason)")
            }
        }
    }

    private func check(value: String, at place: FieldPath) {
        guard !value.utf8.contains(where: { $0 == 0x0A || $0 == 0x0D || $0 == 0 }) else {
            return findings.add(place, "holds a line break or NUL", "write the value on one line")
        }
        guard let text = ValueText(value) else {
            return findings.add(
                place, value, "has a '%' without its pair", "write %% for a percent sign, %NAME% for what is filled in")
        }
        for name in text.unknownVariables {
            findings.warn(
                place,
                "%\(name)% is no variable that is known, so that the header is left out; known are \(ValueVariable.known)"
            )
        }
    }

    static let nameRemedy = "use a header's name such as x-user"

    /// A header's name (RFC 9110 section 5.1); `:` may lead, as pseudo headers are written.
    static func problem(ofName name: String) -> String? {
        let rest = name.hasPrefix(":") ? name.dropFirst() : Substring(name)
        guard !rest.isEmpty else { return "is empty" }
        return NameRules.isOfToken(rest) ? nil : "may hold only letters, digits and \(NameRules.tokenMarks)"
    }
}
