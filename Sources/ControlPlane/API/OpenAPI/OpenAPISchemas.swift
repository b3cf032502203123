import MeshModel

/// Schemas of validation as JSON schemas of an OpenAPI document. Pure.
struct OpenAPISchemas {
    /// The two versions that clients read differ in where schemas stand and in how a reference carries a description.
    enum Dialect {
        case version2
        case version3
    }

    /// The name under which metadata is described once.
    static let metadataName = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"

    let dialect: Dialect

    /// The name of a kind's schema, in the form of Kubernetes and Istio.
    static func name(_ kind: ResourceKind, _ version: String) -> String {
        let package =
            kind.group.isEmpty ? "io.k8s.api.core" : kind.group.split(separator: ".").reversed().joined(separator: ".")
        return "\(package).\(version).\(kind.kind)"
    }

    /// The schemas of kinds in some versions, and that of metadata, by name.
    func all(_ kinds: [(kind: ResourceKind, version: String)]) -> JSONObject {
        var schemas = JSONObject()
        for (kind, version) in kinds {
            var schema = json(ResourceSchemas.schema(of: kind), isRoot: true)
            schema["x-kubernetes-group-version-kind"] = .array([Self.identity(kind, version)])
            schemas[Self.name(kind, version)] = schema
        }
        if let metadata = kinds.first.flatMap({ ResourceSchemas.schema(of: $0.kind).member("metadata") }) {
            schemas[Self.metadataName] = json(metadata)
        }
        return schemas
    }

    /// Group, version and kind, as extensions carry them.
    static func identity(_ kind: ResourceKind, _ version: String) -> JSONValue {
        .object(["group": .string(kind.group), "version": .string(version), "kind": .string(kind.kind)])
    }

    private func json(_ schema: FieldSchema, isRoot: Bool = false) -> JSONValue {
        var json = JSONObject()
        if !schema.about.isEmpty { json["description"] = .string(schema.about) }
        switch schema.form {
        case .string: json["type"] = .string("string")
        case .words(let words):
            json["type"] = .string("string")
            json["enum"] = .array(words.map(JSONValue.string))
        case .integer(let range):
            json["type"] = .string("integer")
            json["format"] = .string("int64")
            json["minimum"] = .int(range.lowerBound)
            if range.upperBound < Int64.max { json["maximum"] = .int(range.upperBound) }
        case .number(let range):
            json["type"] = .string("number")
            json["format"] = .string("double")
            json["minimum"] = .double(range.lowerBound)
            json["maximum"] = .double(range.upperBound)
        case .boolean: json["type"] = .string("boolean")
        case .integerOrString:
            json["format"] = .string("int-or-string")
            switch dialect {
            case .version2: json["type"] = .string("string")
            case .version3:
                json["oneOf"] = .array(["integer", "string"].map { .object(["type": .string($0)]) })
            }
        case .list(let element):
            json["type"] = .string("array")
            json["items"] = self.json(element)
            if let key = schema.mergeKey {
                json["x-kubernetes-patch-strategy"] = .string("merge")
                json["x-kubernetes-patch-merge-key"] = .string(key)
            }
        case .map(let value):
            json["type"] = .string("object")
            if value.form == .anything {
                json["x-kubernetes-preserve-unknown-fields"] = .bool(true)
            } else {
                json["additionalProperties"] = self.json(value)
            }
        case .object(let members):
            json["type"] = .string("object")
            var properties = JSONObject()
            for member in members {
                properties[member.name] =
                    isRoot && member.name == "metadata" ? reference(member.schema) : self.json(member.schema)
            }
            json["properties"] = .object(properties)
            // What validation asks for at the root it says itself, with what to do; a client may send a part.
            let required = isRoot ? [] : members.filter(\.isRequired).map(\.name)
            if !required.isEmpty { json["required"] = .array(required.map(JSONValue.string)) }
        case .anything: json["x-kubernetes-preserve-unknown-fields"] = .bool(true)
        }
        return .object(json)
    }

    private func reference(_ schema: FieldSchema) -> JSONValue {
        let about: JSONValue = .string(schema.about)
        switch dialect {
        case .version2: return .object(["description": about, "$ref": .string("#/definitions/\(Self.metadataName)")])
        case .version3:
            let target: JSONValue = .object(["$ref": .string("#/components/schemas/\(Self.metadataName)")])
            return .object(["description": about, "allOf": .array([target])])
        }
    }
}
