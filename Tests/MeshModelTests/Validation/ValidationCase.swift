import Foundation
package import MeshModel
import Testing

/// One case of Tests/ValidationCases: a title, a document, and what validation says of it, one line each.
struct ValidationCase: Sendable, CustomTestStringConvertible {
    let file: String
    let title: String
    let input: String
    let expected: [String]

    var testDescription: String { "\(file): \(title)" }

    /// The folder of the cases, beside the test targets.
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "ValidationCases")

    /// All cases of all files. A file that does not read fails the test that asks for them, not the program.
    static let all: [ValidationCase] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? []
        return files.filter { $0.hasSuffix(".txt") }.sorted().flatMap(read)
    }()

    static func read(_ file: String) -> [ValidationCase] {
        guard let text = try? String(contentsOf: folder.appending(path: file), encoding: .utf8) else { return [] }
        return text.components(separatedBy: "\n\n").compactMap { block in
            let lines = block.split(separator: "\n").map(String.init)
            guard let title = lines.first else { return nil }
            // A block of another form fails under its first line, instead of being no case.
            guard lines.count >= 4, title.hasPrefix("# "), lines[2] == "----" else {
                return ValidationCase(file: file, title: title, input: "no case", expected: [])
            }
            return ValidationCase(
                file: file, title: String(lines[0].dropFirst(2)), input: lines[1], expected: Array(lines[3...]))
        }
    }

    /// Takes all expressions but one with a look-ahead, which RE2 has not; pure tests have no engine.
    private struct LookAheadRefusal: PatternEngine {
        private struct Accepted: MeshModel.Pattern {
            func matches(_ text: Span<UInt8>) -> Bool { false }
            func replacingMatches(in text: Span<UInt8>, with replacement: PatternReplacement) -> [UInt8] { [] }
            func replacement(_ text: String) throws(PatternError) -> PatternReplacement {
                PatternReplacement(checked: text)
            }
        }

        func compile(_ expression: String) throws(PatternError) -> any MeshModel.Pattern {
            if expression.contains("(?=") { throw PatternError(reason: "no look-ahead") }
            return Accepted()
        }
    }

    /// The document: `document` and the whole of it, or a kind and its spec.
    func document() throws -> JSONValue {
        let space = try #require(input.firstIndex(of: " "))
        let value = try JSONValue(parsing: input[input.index(after: space)...].utf8)
        let word = String(input[..<space])
        guard word != "document" else { return value }
        let kind = try #require(ResourceKind(rawValue: word))
        return .object([
            "apiVersion": .string(kind.apiVersion()), "kind": .string(word),
            "metadata": ["name": "a", "namespace": "ns"], "spec": value,
        ])
    }

    /// What validation says, as the files have it.
    func actual() throws -> [String] {
        switch Validation.validate(try document(), patterns: LookAheadRefusal()) {
        case .success(let accepted):
            accepted.warnings.isEmpty ? ["ok"] : accepted.warnings.map { "warning \($0)" }
        case .failure(let found): found.problems.map { "error \($0)" }
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByDictionaryLiteral {
    package init(stringLiteral value: String) { self = .string(value) }
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        var object = JSONObject()
        for (key, value) in elements { object[key] = value }
        self = .object(object)
    }
}
