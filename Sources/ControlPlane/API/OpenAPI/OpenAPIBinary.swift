import MeshModel

/// OpenAPI 2.0 as the protobuf message `openapi.v2.Document` (gnostic's OpenAPIv2.proto), made of the JSON document: the
/// parts of it that clients read. Numbers in the code are the message's field numbers.
enum OpenAPIBinary {
    /// The message of a whole document.
    static func document(_ json: JSONValue) -> [UInt8] {
        var message = ProtobufWriter()
        message.text(1, json["swagger"])
        message.message(2) { info in
            info.text(1, json.member("info", "title"))
            info.text(2, json.member("info", "version"))
        }
        message.message(8) { paths in
            for (name, item) in members(json["paths"]) {
                paths.message(2) { named in
                    named.text(1, .string(name))
                    named.message(2) { pathItem(item, &$0) }
                }
            }
        }
        message.message(9) { definitions in namedSchemas(json["definitions"], &definitions) }
        return message.bytes
    }

    private static func members(_ json: JSONValue?) -> [(String, JSONValue)] { json?.asObject?.list ?? [] }

    private static func pathItem(_ json: JSONValue, _ item: inout ProtobufWriter) {
        for (number, method) in [(2, "get"), (3, "put"), (5, "delete"), (8, "patch")] {
            guard let operation = json[method] else { continue }
            item.message(number) { message in
                message.text(5, operation["operationId"])
                for one in operation["parameters"]?.asArray ?? [] { parameter(one, &message, 8) }
                extensions(operation, &message, 13)
            }
        }
        for one in json["parameters"]?.asArray ?? [] { parameter(one, &item, 9) }
    }

    /// ParametersItem.parameter.non_body_parameter: a parameter in the query (3) or in the path (4).
    private static func parameter(_ json: JSONValue, _ message: inout ProtobufWriter, _ number: Int) {
        let isQuery = json["in"] == .string("query")
        message.message(number) { item in
            item.message(1) { parameter in
                parameter.message(2) { nonBody in
                    nonBody.message(isQuery ? 3 : 4) { one in
                        if json["required"] == .bool(true) { one.flag(1) }
                        one.text(2, json["in"])
                        one.text(4, json["name"])
                        one.text(isQuery ? 6 : 5, json["type"])
                    }
                }
            }
        }
    }

    private static func namedSchemas(_ json: JSONValue?, _ message: inout ProtobufWriter) {
        for (name, value) in members(json) {
            message.message(1) { named in
                named.text(1, .string(name))
                named.message(2) { schema(value, &$0) }
            }
        }
    }

    private static func schema(_ json: JSONValue, _ message: inout ProtobufWriter) {
        message.text(1, json["$ref"])
        message.text(2, json["format"])
        message.text(4, json["description"])
        message.number(7, json["maximum"])
        message.number(9, json["minimum"])
        for name in json["required"]?.asArray ?? [] { message.text(19, name) }
        for word in json["enum"]?.asArray ?? [] {
            message.message(20) { $0.text(2, .string(word.compactText)) }
        }
        if let inner = json["additionalProperties"] {
            message.message(21) { item in item.message(1) { schema(inner, &$0) } }
        }
        if let type = json["type"] { message.message(22) { $0.text(1, type) } }
        if let inner = json["items"] {
            message.message(23) { item in item.message(1) { schema(inner, &$0) } }
        }
        if let properties = json["properties"] { message.message(25) { namedSchemas(properties, &$0) } }
        extensions(json, &message, 31)
    }

    /// Members that begin with `x-`, as named YAML texts; JSON is YAML.
    private static func extensions(_ json: JSONValue, _ message: inout ProtobufWriter, _ number: Int) {
        for (name, value) in members(json) where name.hasPrefix("x-") {
            message.message(number) { named in
                named.text(1, .string(name))
                named.message(2) { $0.text(2, .string(value.compactText)) }
            }
        }
    }
}
