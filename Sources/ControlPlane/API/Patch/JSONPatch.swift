import MeshModel

/// JSON Patch, RFC 6902: operations one after another, all of them or none.
///
/// Bounded: at most ``maximumOperations``, and what `copy` adds in all at most ``maximumCopied`` values, since copies of copies
/// double.
enum JSONPatch {
    /// As many operations as Kubernetes takes.
    static let maximumOperations = 10_000
    /// Values that all copies of one patch add together. Default 100,000.
    static let maximumCopied = 100_000

    /// The document that the operations make of `document`. Throws 400 for what is no patch, 422 for an operation that
    /// does not fit the document (a failed `test` too), naming it.
    static func apply(_ patch: JSONValue, to document: JSONValue) throws(APIFailure) -> JSONValue {
        guard let operations = patch.asArray else {
            throw APIFailure(400, "BadRequest", "a JSON patch is a list of operations, and this is \(patch.typeName)")
        }
        guard operations.count <= maximumOperations else {
            throw APIFailure(
                413, "RequestEntityTooLarge",
                "the patch has \(operations.count) operations; at most \(maximumOperations) are taken")
        }
        var result = document
        var copied = 0
        for (index, operation) in operations.enumerated() {
            try apply(operation, at: index, to: &result, &copied)
        }
        return result
    }

    private static func apply(
        _ operation: JSONValue, at index: Int, to document: inout JSONValue, _ copied: inout Int
    ) throws(APIFailure) {
        func failure(_ status: Int, _ message: String) -> APIFailure {
            let message = "operation \(index): \(message)"
            return status == 400 ? APIFailure(400, "BadRequest", "patch: \(message)") : .invalid("patch", message)
        }
        func pointer(_ member: String) throws(APIFailure) -> JSONPointer {
            guard let text = operation[member]?.asString, let pointer = JSONPointer(text) else {
                throw failure(400, "\(member) must be a JSON pointer such as /spec/ports/0")
            }
            return pointer
        }
        func value() throws(APIFailure) -> JSONValue {
            guard let value = operation["value"] else { throw failure(400, "value is missing") }
            return value
        }
        func present(_ pointer: JSONPointer, _ member: String) throws(APIFailure) -> JSONValue {
            guard let value = pointer.value(in: document) else {
                throw failure(422, "\(member) \(operation[member]?.asString ?? ""): there is nothing there")
            }
            return value
        }
        func put(_ value: JSONValue, _ place: JSONPointer, _ edit: Edit) throws(APIFailure) {
            guard change(&document, place.tokens[...], value, edit) else {
                throw failure(422, "path \(operation["path"]?.asString ?? ""): there is no such place in the object")
            }
        }
        let path = try pointer("path")
        switch operation["op"]?.asString {
        case "add": try put(value(), path, .add)
        case "replace":
            _ = try present(path, "path")
            try put(value(), path, .replace)
        case "remove":
            _ = try present(path, "path")
            try put(.null, path, .remove)
        case "test":
            guard try present(path, "path").canonical == value().canonical else {
                throw failure(422, "test: the value at \(operation["path"]?.asString ?? "") is another one")
            }
        case "copy":
            let moved = try present(try pointer("from"), "from")
            copied += moved.valueCount
            guard copied <= maximumCopied else {
                throw failure(422, "all copies of a patch may add at most \(maximumCopied) values")
            }
            try put(moved, path, .add)
        case "move":
            let from = try pointer("from")
            let moved = try present(from, "from")
            guard !path.isInside(from) || path == from else { throw failure(422, "a value cannot move into itself") }
            try put(.null, from, .remove)
            try put(moved, path, .add)
        default:
            throw failure(400, "op must be add, remove, replace, move, copy or test")
        }
    }

    private enum Edit {
        case add
        case replace
        case remove
    }

    /// Makes one edit; false where its place does not exist, and then nothing was changed.
    private static func change(
        _ document: inout JSONValue, _ tokens: ArraySlice<String>, _ value: JSONValue, _ edit: Edit
    ) -> Bool {
        guard let token = tokens.first else {
            // The whole document: it can be replaced, not removed.
            guard edit != .remove else { return false }
            document = value
            return true
        }
        let rest = tokens.dropFirst()
        switch document {
        case .object(var object):
            if rest.isEmpty {
                object[token] = edit == .remove ? nil : value
            } else {
                guard var inner = object[token], change(&inner, rest, value, edit) else { return false }
                object[token] = inner
            }
            document = .object(object)
            return true
        case .array(var elements):
            if rest.isEmpty, edit == .add {
                let place = token == "-" ? elements.count : JSONPointer.index(token, upTo: elements.count + 1)
                guard let place else { return false }
                elements.insert(value, at: place)
            } else {
                guard let place = JSONPointer.index(token, upTo: elements.count) else { return false }
                if !rest.isEmpty {
                    guard change(&elements[place], rest, value, edit) else { return false }
                } else if edit == .remove {
                    elements.remove(at: place)
                } else {
                    elements[place] = value
                }
            }
            document = .array(elements)
            return true
        default: return false
        }
    }
}
