import MeshModel

/// The paths of objects in an OpenAPI document, with the query parameters of writes: by them kubectl finds out whether the server
/// tries writes (`--dry-run=server`, `diff`) and checks fields.
enum OpenAPIPaths {
    private static let writeParameters = ["dryRun", "fieldManager", "fieldValidation", "force"]

    /// The paths of kinds in some versions. In version 3 a parameter's type is in a schema of its own.
    static func all(_ kinds: [(kind: ResourceKind, version: String)], _ dialect: OpenAPISchemas.Dialect) -> JSONObject {
        var paths = JSONObject()
        for (kind, version) in kinds {
            let root = kind.group.isEmpty ? "/api/\(version)" : "/apis/\(kind.group)/\(version)"
            let place = kind.isNamespaced ? "/namespaces/{namespace}" : ""
            var object: JSONObject = [
                "get": operation(kind, version, "get", [], dialect),
                "put": operation(kind, version, "put", ["dryRun", "fieldManager", "fieldValidation"], dialect),
                "patch": operation(kind, version, "patch", writeParameters, dialect),
                "delete": operation(kind, version, "delete", ["dryRun"], dialect),
            ]
            let names = (kind.isNamespaced ? ["namespace"] : []) + ["name"]
            object["parameters"] = .array(names.map { parameter($0, in: "path", dialect) })
            paths["\(root)\(place)/\(kind.plural)/{name}"] = .object(object)
        }
        return paths
    }

    private static func operation(
        _ kind: ResourceKind, _ version: String, _ action: String, _ parameters: [String],
        _ dialect: OpenAPISchemas.Dialect
    ) -> JSONValue {
        .object([
            "operationId": .string(
                "\(action)\(kind.kind)\(version)\(kind.group.split(separator: ".").first ?? "core")"),
            "parameters": .array(parameters.map { parameter($0, in: "query", dialect) }),
            "responses": .object(["200": .object(["description": .string("OK")])]),
            "x-kubernetes-action": .string(action),
            "x-kubernetes-group-version-kind": OpenAPISchemas.identity(kind, version),
        ])
    }

    private static func parameter(
        _ name: String, in place: String, _ dialect: OpenAPISchemas.Dialect
    ) -> JSONValue {
        let type: JSONValue = .string(name == "force" ? "boolean" : "string")
        var parameter: JSONObject = ["name": .string(name), "in": .string(place)]
        if place == "path" { parameter["required"] = .bool(true) }
        switch dialect {
        case .version2: parameter["type"] = type
        case .version3: parameter["schema"] = .object(["type": type])
        }
        return .object(parameter)
    }
}
