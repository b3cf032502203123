import Crypto
import FoundationEssentials
import MeshModel

/// The OpenAPI documents: what `kubectl explain` shows, and what clients check before they send. Made of validation's own
/// schemas (``ResourceSchemas``), so that the two cannot differ.
enum OpenAPIDocuments {
    /// How clients ask for the binary form of version 2, which is the only one that older kubectl reads.
    static let binaryRequest = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
    /// How it is answered: the name that is asked for is no media type to Go's parser.
    static let binaryType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"

    private typealias Served = (kind: ResourceKind, version: String)

    private static let everything: [Served] = ResourceKind.allCases.flatMap { kind in
        kind.versions.map { (kind, $0) }
    }
    private static let paths2 = JSONValue.object(OpenAPIPaths.all(everything, .version2))
    private static let definitions = JSONValue.object(OpenAPISchemas(dialect: .version2).all(everything))

    /// `/openapi/v2`, OpenAPI 2.0.
    static func version2(_ version: String) -> JSONValue {
        .object(["swagger": .string("2.0"), "info": info(version), "paths": paths2, "definitions": definitions])
    }

    /// The same as the protobuf message `openapi.v2.Document`.
    static func version2Binary(_ version: String) -> [UInt8] { OpenAPIBinary.document(version2(version)) }

    /// `/openapi/v3`: the list of documents, one for a group and version. The hash in an address changes with its content, so
    /// that clients keep what they have read.
    static func version3(_ version: String) -> JSONValue {
        var paths = JSONObject()
        for place in places {
            let content = document3(place, version)
            let digest = SHA256.hash(data: Data(content.compactText.utf8)).map { byte in
                let digits = String(byte, radix: 16)
                return digits.count == 1 ? "0" + digits : digits
            }.joined().uppercased()
            paths[place] = .object(["serverRelativeURL": .string("/openapi/v3/\(place)?hash=\(digest)")])
        }
        return .object(["paths": .object(paths)])
    }

    /// The document of a group and version (`api/v1`, `apis/networking.istio.io/v1`); nil for others.
    static func version3(_ version: String, place: String) -> JSONValue? {
        places.contains(place) ? document3(place, version) : nil
    }

    private static func place(_ served: Served) -> String {
        served.kind.group.isEmpty ? "api/\(served.version)" : "apis/\(served.kind.group)/\(served.version)"
    }

    private static let places: [String] = everything.map(place).reduce(into: []) { places, place in
        if !places.contains(place) { places.append(place) }
    }

    private static func document3(_ place: String, _ version: String) -> JSONValue {
        let mine = everything.filter { self.place($0) == place }
        return .object([
            "openapi": .string("3.0.0"), "info": info(version),
            "paths": .object(OpenAPIPaths.all(mine, .version3)),
            "components": .object(["schemas": .object(OpenAPISchemas(dialect: .version3).all(mine))]),
        ])
    }

    private static func info(_ version: String) -> JSONValue {
        .object(["title": .string("Ambit"), "version": .string(version)])
    }
}
