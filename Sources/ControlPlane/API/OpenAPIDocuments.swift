import MeshModel

/// The OpenAPI documents that kubectl asks for before it writes. They name no schemas: a client then leaves the checking to
/// the server, whose refusals name the fields.
enum OpenAPIDocuments {
    /// How clients ask for the binary form, which is the only one that kubectl reads.
    static let binaryRequest = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
    /// How it is answered: the name that is asked for is no media type to Go's parser.
    static let binaryType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"

    /// `/openapi/v2`, OpenAPI 2.0.
    static func version2(_ version: String) -> JSONValue {
        .object([
            "swagger": .string("2.0"),
            "info": .object(["title": .string("Ambit"), "version": .string(version)]),
            "paths": .object([:]),
        ])
    }

    /// The same as the protobuf message `openapi.v2.Document`: swagger = 1, info = 2 {title = 1, version = 2}, paths = 8.
    static func version2Binary(_ version: String) -> [UInt8] {
        let info = field(1, Array("Ambit".utf8)) + field(2, Array(version.utf8))
        return field(1, Array("2.0".utf8)) + field(2, info) + field(8, [])
    }

    /// `/openapi/v3`: the list of documents, one for a group and version.
    static func version3() -> JSONValue { .object(["paths": .object([:])]) }

    /// A length-delimited protobuf field. All contents here are shorter than 128 bytes, so each length is one byte.
    private static func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
        let content = content.prefix(127)
        return [number << 3 | 2, UInt8(content.count)] + content
    }
}
