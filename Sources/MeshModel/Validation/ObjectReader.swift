/// Reads the members of one object, strictly: a member that was not asked for is unknown, one of another type is wrong.
///
/// Makes no decisions of its own: everything goes to ``Findings``. `null` counts as absent, as in the Kubernetes API.
/// Lives on one task; call ``finish()`` after the last member.
///
/// Made with a recorder it reads nothing: every member is absent, objects and lists have one of everything, and what it is
/// asked for becomes the schema. `about` is what people read about the field.
final class ObjectReader {
    /// How the names of members may be written.
    enum Naming: Sendable {
        /// As asked for.
        case exact
        /// In snake_case too, which protobuf takes and Istio's older documents have; that gets a warning.
        case protobuf
    }

    /// The object's place in the document.
    let path: FieldPath
    /// Where problems go.
    let findings: Findings
    private let object: JSONObject
    private let recorder: SchemaRecorder?
    private let naming: Naming
    private var known: [String] = []

    init(_ object: JSONObject, path: FieldPath, findings: Findings, naming: Naming = .exact) {
        self.object = object
        self.path = path
        self.findings = findings
        self.naming = naming
        recorder = nil
    }

    /// A reader that describes.
    init(describingTo recorder: SchemaRecorder) {
        object = JSONObject()
        path = .root
        findings = Findings()
        naming = .exact
        self.recorder = recorder
    }

    /// The member, or nil where it is absent or null.
    func value(_ key: String) -> JSONValue? {
        known.append(key)
        let written = written(key)
        if written != key, !known.contains(written) {
            known.append(written)
            warn(written, "is deprecated, but works; write \(key)")
        }
        guard let value = object[written], value != .null else { return nil }
        return value
    }

    /// The name that the member has in the document: `key`, or its older spelling.
    private func written(_ key: String) -> String {
        guard naming == .protobuf, object[key] == nil else { return key }
        let older = Spelling.snakeCase(key)
        return older != key && object[older] != nil ? older : key
    }

    /// Says what a member that is read with ``value(_:)`` may hold.
    func describe(_ key: String, _ form: FieldSchema.Form, about: String, mergeKey: String? = nil) {
        recorder?.note(key, form, about: about, mergeKey: mergeKey)
    }

    /// Text.
    func string(_ key: String, required: Bool = false, about: String = "") -> String? {
        recorder?.note(key, .string, about: about, isRequired: required)
        guard let value = value(key) else {
            if required { missing(key, "a text") }
            return nil
        }
        guard let string = value.asString else {
            wrongType(key, value, "a string")
            return nil
        }
        if required, string.isEmpty { missing(key, "a text that is not empty") }
        return string
    }

    /// A whole number within `range`.
    func integer(
        _ key: String, in range: ClosedRange<Int64>, required: Bool = false, about: String = ""
    ) -> Int64? {
        recorder?.note(key, .integer(range), about: about, isRequired: required)
        guard let value = value(key) else {
            if required { missing(key, "a number from \(range.lowerBound) to \(range.upperBound)") }
            return nil
        }
        guard let integer = value.asInt else {
            wrongType(key, value, "a whole number")
            return nil
        }
        guard range.contains(integer) else {
            problem(
                key, value: "\(integer)", "is out of range",
                remedy: "use a number from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return integer
    }

    /// A number within `range`.
    func number(_ key: String, in range: ClosedRange<Double>, about: String = "") -> Double? {
        recorder?.note(key, .number(range), about: about)
        guard let value = value(key) else { return nil }
        let number: Double
        switch value {
        case .int(let whole): number = Double(whole)
        case .double(let fraction): number = fraction
        default:
            wrongType(key, value, "a number")
            return nil
        }
        guard range.contains(number) else {
            problem(
                key, value: value.compactText, "is out of range",
                remedy: "use a number from \(Self.plain(range.lowerBound)) to \(Self.plain(range.upperBound))")
            return nil
        }
        return number
    }

    /// A list of whole numbers within `range`.
    func integers(_ key: String, in range: ClosedRange<Int64>, about: String = "") -> [Int64] {
        recorder?.note(key, .list(FieldSchema(.integer(range))), about: about)
        guard let value = value(key) else { return [] }
        guard let array = value.asArray else {
            wrongType(key, value, "a list of numbers")
            return []
        }
        var result: [Int64] = []
        for (index, element) in array.enumerated() {
            let place = path.appending(key: key).appending(index: index)
            guard let integer = element.asInt else {
                wrongType(place, element, "a whole number")
                continue
            }
            guard range.contains(integer) else {
                findings.add(
                    FieldProblem(
                        path: place, value: "\(integer)", problem: "is out of range",
                        remedy: "use a number from \(range.lowerBound) to \(range.upperBound)"))
                continue
            }
            result.append(integer)
        }
        return result
    }

    /// A number without a fraction that says nothing.
    private static func plain(_ number: Double) -> String {
        Int64(exactly: number).map { "\($0)" } ?? "\(number)"
    }

    /// A port, 1...65535.
    func port(_ key: String, required: Bool = false, about: String = "") -> UInt16? {
        integer(key, in: 1...65535, required: required, about: about).flatMap(UInt16.init(exactly:))
    }

    /// A port, or 0, which protobuf JSON writes for an absent one.
    func optionalPort(_ key: String, about: String = "") -> UInt16? {
        recorder?.note(key, .integer(0...65535), about: about)
        if value(key) == .int(0) { return nil }
        return port(key)
    }

    /// A truth value.
    func bool(_ key: String, about: String = "") -> Bool? {
        recorder?.note(key, .boolean, about: about)
        guard let value = value(key) else { return nil }
        guard let bool = value.asBool else {
            wrongType(key, value, "a boolean")
            return nil
        }
        return bool
    }

    /// One of a few words.
    func word(_ key: String, of words: [String], required: Bool = false, about: String = "") -> String? {
        recorder?.note(key, .words(words), about: about, isRequired: required)
        guard let string = string(key, required: required) else { return nil }
        guard words.contains(string) else {
            let guess = Spelling.nearest(to: string, among: words).map { "did you mean \($0)? " } ?? ""
            problem(
                key, value: string, "is not supported", remedy: guess + "use one of " + words.joined(separator: ", "),
                reason: .notSupported)
            return nil
        }
        return string
    }

    /// A list of texts.
    func strings(_ key: String, about: String = "") -> [String] {
        recorder?.note(key, .list(FieldSchema(.string)), about: about)
        guard let value = value(key) else { return [] }
        guard let array = value.asArray else {
            wrongType(key, value, "a list of strings")
            return []
        }
        var result: [String] = []
        for (index, element) in array.enumerated() {
            if let string = element.asString {
                result.append(string)
            } else {
                wrongType(path.appending(key: key).appending(index: index), element, "a string")
            }
        }
        return result
    }

    /// An object of texts.
    func stringMap(_ key: String, about: String = "") -> [String: String]? {
        recorder?.note(key, .map(FieldSchema(.string)), about: about)
        guard let value = value(key) else { return nil }
        guard let members = value.asObject?.list else {
            wrongType(key, value, "an object of strings")
            return nil
        }
        var result: [String: String] = [:]
        for (name, member) in members {
            if let string = member.asString {
                result[name] = string
            } else if member.asObject != nil, name == "matchLabels" {
                findings.add(
                    path.appending(key: key).appending(key: name), "is not written here",
                    "write the labels directly below \(key)")
            } else if member != .null {
                wrongType(path.appending(key: key).appending(key: name), member, "a string")
            }
        }
        return result
    }

    /// An object, whose names are as this one's unless `naming` says else; `short` is what a plain value in its place is meant for; where `isMap`, its member names are data and come from ``names``.
    func object(
        _ key: String, required: Bool = false, isMap: Bool = false, naming: Naming? = nil, short: Shorthand? = nil,
        about: String = ""
    ) -> ObjectReader? {
        if let recorder {
            return ObjectReader(
                describingTo: recorder.noteObject(key, isMap: isMap, about: about, isRequired: required))
        }
        guard let value = value(key) else {
            if required { missing(key, short?.member.map { "an object with \($0)" } ?? "an object") }
            return nil
        }
        guard let object = value.asObject else {
            wrongType(path.appending(key: key), value, "an object", short)
            return nil
        }
        return ObjectReader(
            object, path: path.appending(key: key), findings: findings, naming: naming ?? self.naming)
    }

    /// A list of objects; `mergeKey` as in ``FieldSchema``.
    func objects(
        _ key: String, mergeKey: String? = nil, short: Shorthand? = nil, about: String = ""
    ) -> [ObjectReader] {
        if let recorder {
            return [ObjectReader(describingTo: recorder.noteObjects(key, about: about, mergeKey: mergeKey))]
        }
        guard let value = value(key) else { return [] }
        guard let array = value.asArray else {
            wrongType(path.appending(key: key), value, "a list of objects", short)
            return []
        }
        var result: [ObjectReader] = []
        for (index, element) in array.enumerated() {
            let place = path.appending(key: key).appending(index: index)
            if let object = element.asObject {
                result.append(ObjectReader(object, path: place, findings: findings, naming: naming))
            } else {
                wrongType(place, element, "an object", short)
            }
        }
        return result
    }

    /// Whether the object has the member, with any value but null. Does not count as asking for it.
    func has(_ key: String) -> Bool { object[written(key)].map { $0 != .null } ?? false }

    /// True where the object has no members at all.
    var isEmpty: Bool { object.isEmpty }

    /// The names of all members, in their order.
    var names: [String] { recorder?.isMap == true ? [SchemaRecorder.anyName] : object.keys }

    /// Accepts a member that has no effect here, and says so.
    func ignore(_ key: String, because reason: String) {
        recorder?.note(key, .anything, about: "Accepted, but \(reason).")
        if value(key) != nil { warn(key, reason) }
    }

    /// Refuses a member that the API has and we do not serve.
    func refuse(_ key: String, _ problem: String, remedy: String, about: String) {
        recorder?.note(key, .anything, about: "Refused: \(about)")
        if value(key) != nil { self.problem(key, problem, remedy: remedy, reason: .notSupported) }
    }

    /// Accepts a member without looking at it.
    func accept(_ keys: String..., about: String = "") {
        known += keys
        for key in keys { recorder?.note(key, .anything, about: about) }
    }

    /// Reports every member that was not asked for; `remedy` says what is meant by a text that resembles none.
    func finish(remedy: String? = nil) {
        for key in object.keys where !known.contains(key) {
            let guess = Spelling.nearest(to: key, among: known)
            findings.add(
                FieldProblem(
                    path: path.appending(key: key), problem: "unknown field",
                    remedy: guess.map { "did you mean \($0)?" }
                        ?? (object[key]?.asString == nil ? nil : remedy) ?? "remove it; known here: "
                            + known.sorted().joined(separator: ", "),
                    reason: .unknown))
        }
    }

    /// Notes a problem of a member.
    func problem(
        _ key: String, value: String? = nil, _ problem: String, remedy: String? = nil,
        reason: FieldProblem.Reason = .invalid
    ) {
        findings.add(
            FieldProblem(
                path: path.appending(key: key), value: value, problem: problem, remedy: remedy, reason: reason))
    }

    /// Notes a warning about a member.
    func warn(_ key: String, _ message: String) {
        findings.warn(path.appending(key: key), message)
    }

    private func missing(_ key: String, _ what: String) {
        problem(key, "is required", remedy: "give \(what)", reason: .required)
    }

    private func wrongType(_ key: String, _ value: JSONValue, _ expected: String) {
        wrongType(path.appending(key: key), value, expected)
    }

    private func wrongType(_ place: FieldPath, _ value: JSONValue, _ expected: String, _ short: Shorthand? = nil) {
        let written: String? =
            switch value {
            case .object, .array: nil
            case .string(let string): string
            default: value.compactText
            }
        findings.add(
            FieldProblem(
                path: place, value: written, problem: "is \(value.typeName), not \(expected)",
                remedy: TypeRemedy.text(value, not: expected, short)))
    }
}
