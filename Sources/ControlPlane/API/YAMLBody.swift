import MeshModel
import Yams

/// Reads a request body that is YAML: one document, YAML 1.2 core schema, no duplicate keys. Pure.
enum YAMLBody {
    /// The most values in a body, aliases counted as often as they are used: an alias must not blow up a document.
    static let maximumValues = 100_000
    /// Objects and lists inside one another.
    static let maximumDepth = JSONLimits().maximumDepth

    /// The value of `bytes`; throws the refusal that the client gets.
    static func value(_ bytes: [UInt8]) throws(APIFailure) -> JSONValue {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw refusal("it is not UTF-8")
        }
        do {
            let parser = try Parser(yaml: text)
            guard let root = try parser.nextRoot() else { throw refusal("it is empty") }
            var count = 0
            let value = try value(of: root, depth: 1, count: &count)
            guard try parser.nextRoot() == nil else {
                throw refusal("it holds several documents; send them one by one")
            }
            return value
        } catch let failure as APIFailure {
            throw failure
        } catch {
            throw refusal(of: error)
        }
    }

    private static func refusal(of error: any Error) -> APIFailure {
        switch error {
        case YamlError.scanner(let context, let problem, let mark, _),
            YamlError.parser(let context, let problem, let mark, _),
            YamlError.composer(let context, let problem, let mark, _):
            let whole = [context?.text, problem].compactMap { $0 }.joined(separator: ": ")
            return refusal("line \(mark.line) column \(mark.column): \(whole)")
        case YamlError.duplicatedKeysInMapping(let keys, let context):
            let place = "line \(context.mark.line) column \(context.mark.column)"
            return refusal("\(place): the key \"\(keys.first ?? "")\" occurs twice in one object")
        case YamlError.reader(let problem, _, _, _): return refusal(problem)
        default: return refusal("\(error)")
        }
    }

    private static func value(of node: Node, depth: Int, count: inout Int) throws -> JSONValue {
        count += 1
        guard count <= maximumValues else { throw refusal("it has more than \(maximumValues) values", node) }
        guard depth <= maximumDepth else { throw refusal("it is nested deeper than \(maximumDepth) levels", node) }
        switch node {
        case .scalar(let scalar):
            return try value(of: scalar, node)
        case .sequence(let sequence):
            var elements: [JSONValue] = []
            for element in sequence { elements.append(try value(of: element, depth: depth + 1, count: &count)) }
            return .array(elements)
        case .mapping(let mapping):
            var object = JSONObject()
            for (key, member) in mapping {
                guard let name = key.scalar?.string else { throw refusal("a key is not a word", key) }
                object[name] = try value(of: member, depth: depth + 1, count: &count)
            }
            return .object(object)
        case .alias:
            throw refusal("an alias was not resolved", node)
        }
    }

    private static func value(of scalar: Node.Scalar, _ node: Node) throws -> JSONValue {
        switch scalar.tag.description {
        case Tag.Name.implicit.rawValue, Tag.Name.nonSpecific.rawValue:
            let isPlain = scalar.style == .plain || scalar.style == .any
            return isPlain ? YAMLScalar.value(scalar.string) : .string(scalar.string)
        case Tag.Name.str.rawValue: return .string(scalar.string)
        case Tag.Name.int.rawValue, Tag.Name.float.rawValue, Tag.Name.bool.rawValue, Tag.Name.null.rawValue:
            return YAMLScalar.value(scalar.string)
        default: throw refusal("the tag \(scalar.tag.description) means nothing here", node)
        }
    }

    private static func refusal(_ problem: String, _ node: Node? = nil) -> APIFailure {
        let place = node?.mark.map { "line \($0.line) column \($0.column): " } ?? ""
        return APIFailure(400, "BadRequest", "the request body is not the YAML that is taken: \(place)\(problem)")
    }
}
