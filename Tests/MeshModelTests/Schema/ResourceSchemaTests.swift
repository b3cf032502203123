import MeshModel
import Testing

@Suite("Schemas are what validation reads")
struct ResourceSchemaTests {
    /// Every field of a schema with its path.
    private func fields(_ schema: FieldSchema, _ path: String) -> [(path: String, schema: FieldSchema)] {
        switch schema.form {
        case .object(let members):
            members.flatMap { member -> [(path: String, schema: FieldSchema)] in
                let place = "\(path).\(member.name)"
                return [(place, member.schema)] + fields(member.schema, place)
            }
        case .list(let element): fields(element, path + "[]")
        case .map(let value): fields(value, path + "{}")
        default: []
        }
    }

    @Test("every field of every kind says what it means", arguments: ResourceKind.allCases)
    func prose(_ kind: ResourceKind) {
        let schema = ResourceSchemas.schema(of: kind)
        #expect(!schema.about.isEmpty)
        let all = fields(schema, kind.kind)
        #expect(all.count > 15)
        for field in all {
            #expect(field.schema.about.hasSuffix("."), "\(field.path)")
        }
    }

    /// A value of the schema's form.
    private func sample(_ schema: FieldSchema) -> JSONValue {
        switch schema.form {
        case .string, .integerOrString: .string("80")
        case .words(let words): .string(words[0])
        case .integer(let range): .int(max(range.lowerBound, min(1, range.upperBound)))
        case .number(let range): .double(max(range.lowerBound, min(1, range.upperBound)))
        case .boolean: .bool(true)
        case .list(let element): .array([sample(element)])
        case .map(let value): .object(["80": sample(value)])
        case .object(let members):
            .object(members.reduce(into: JSONObject()) { $0[$1.name] = sample($1.schema) })
        case .anything: .object([:])
        }
    }

    /// A document with every field of a kind.
    private func whole(_ kind: ResourceKind) -> JSONValue {
        var document = sample(ResourceSchemas.schema(of: kind))
        document["apiVersion"] = .string(kind.apiVersion())
        document["kind"] = .string(kind.kind)
        return document
    }

    private func problems(_ document: JSONValue) -> [FieldProblem] {
        switch Validation.validate(document) {
        case .success: []
        case .failure(let found): found.problems
        }
    }

    @Test("no field of a schema is unknown to validation, or has another type there", arguments: ResourceKind.allCases)
    func agrees(_ kind: ResourceKind) {
        for problem in problems(whole(kind)) {
            #expect(problem.reason != .unknown, "\(problem)")
            #expect(!problem.problem.contains(", not "), "\(problem)")
        }
    }

    @Test("a value of another type is refused where the schema has one", arguments: ResourceKind.allCases)
    func types(_ kind: ResourceKind) {
        let schema = ResourceSchemas.schema(of: kind)
        guard let spec = schema.member("spec"), case .object(let members) = spec.form else { return }
        for member in members where member.schema.form != .anything {
            // Alone, so that other problems do not fill the list before it.
            var document = whole(kind)
            document["spec"] = .object([member.name: .double(0.5)])
            let place = FieldPath("spec").appending(key: member.name)
            #expect(problems(document).contains { $0.path == place }, "\(kind) spec.\(member.name)")
        }
    }

    @Test("a field that is not in the schema is unknown", arguments: ResourceKind.allCases)
    func others(_ kind: ResourceKind) {
        for parent in ["", "metadata", "spec"]
        where parent != "spec" || ResourceSchemas.schema(of: kind).member("spec") != nil {
            var document = whole(kind)
            if parent != "metadata" { document["spec"] = document["spec"].map { _ in [:] } }
            if parent.isEmpty { document["surprise"] = .int(1) } else { document[parent]?["surprise"] = .int(1) }
            #expect(problems(document).contains { $0.reason == .unknown }, "\(kind) \(parent)")
        }
    }

    @Test("words, bounds and required fields are in it")
    func details() throws {
        let entry = try #require(ResourceSchemas.schema(of: .serviceEntry).member("spec"))
        #expect(
            entry.member("resolution")?.form == .words(["NONE", "STATIC", "DNS", "DNS_ROUND_ROBIN", "DYNAMIC_DNS"]))
        guard case .list(let port)? = entry.member("ports")?.form, case .object(let members) = port.form else {
            Issue.record("ports are no list of objects")
            return
        }
        #expect(members.first { $0.name == "number" }?.isRequired == true)
        #expect(port.member("number")?.form == .integer(1...65535))
        #expect(ResourceSchemas.schema(of: .service).member("spec")?.member("ports")?.mergeKey == "port")
        let ports = ResourceSchemas.schema(of: .peerAuthentication).member("spec")?.member("portLevelMtls")
        #expect(ports?.member("8080")?.member("mode")?.form == .words(["UNSET", "DISABLE", "PERMISSIVE", "STRICT"]))
    }
}
