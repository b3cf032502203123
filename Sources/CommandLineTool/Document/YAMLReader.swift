import MeshModel
import Yams

/// Reads a text of YAML documents (JSON is YAML too) with the place of every field. It takes the YAML 1.2 core schema, so
/// that `no`, `on` and `10:30` stay the strings that a person meant; an alias that would blow up the document, or a tag
/// that means nothing here is a problem and not a guess; so is a repeated key but in the kinds that ``YAMLConverter`` names. Pure.
enum YAMLReader {
    /// The most values in one document, aliases counted as often as they are used.
    static let maximumValues = 1_000_000

    /// The documents that could be read (empty ones are left out) and the problems met. Reading ends at the first syntax
    /// error, because what follows it cannot be trusted.
    static func read(
        _ bytes: [UInt8], source: String
    ) -> (documents: [InputDocument], problems: [DocumentProblem]) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            let problem = DocumentProblem(
                source: source, problem: "not UTF-8 text", remedy: "give a YAML or JSON file")
            return ([], [problem])
        }
        var readable = text
        for number in 0..<RepeatedKeys.most {
            var documents: [InputDocument] = []
            do {
                try read(readable, source: source, into: &documents)
                return (documents, [])
            } catch YamlError.duplicatedKeysInMapping(_, let context) {
                guard
                    let marked = RepeatedKeys.marking(
                        readable, line: context.mark.line, column: context.mark.column, number: number)
                else { break }
                readable = marked
            } catch {
                break
            }
        }
        var documents: [InputDocument] = []
        do {
            try read(readable, source: source, into: &documents)
            return (documents, [])
        } catch {
            // JSON has escapes that YAML 1.1 readers refuse (surrogate pairs), so a lone JSON document has a second chance.
            if documents.isEmpty, text.first(where: { !$0.isWhitespace }) == "{",
                let value = try? JSONValue(reading: bytes)
            {
                return ([InputDocument(source: source, value: value, lines: SourceMap())], [])
            }
            return (documents, [problem(error, source: source)])
        }
    }

    private static func read(_ text: String, source: String, into documents: inout [InputDocument]) throws {
        let parser = try Parser(yaml: text)
        while let root = try parser.nextRoot() {
            var converter = YAMLConverter(source: source)
            let value = try converter.value(root, at: .root)
            let warnings = try converter.repeatedKeys(in: value)
            if value != .null {
                documents.append(
                    InputDocument(source: source, value: value, lines: converter.lines, warnings: warnings))
            }
        }
    }

    private static func problem(_ error: any Error, source: String) -> DocumentProblem {
        switch error {
        case let problem as DocumentProblem:
            return problem
        case YamlError.scanner(let context, let problem, let mark, _),
            YamlError.parser(let context, let problem, let mark, _),
            YamlError.composer(let context, let problem, let mark, _):
            let whole = [context?.text, problem].compactMap { $0 }.joined(separator: ": ")
            return DocumentProblem(
                source: source, line: mark.line, column: mark.column, problem: "broken YAML: \(whole)",
                remedy: "check indentation, quotes and brackets around this line")
        case YamlError.duplicatedKeysInMapping(let keys, let context):
            return DocumentProblem(
                source: source, line: context.mark.line, column: context.mark.column,
                problem: "the key \(keys.first ?? "") stands twice in the same object", remedy: "keep one of them")
        case YamlError.reader(let problem, _, let value, _):
            let character = value >= 0 ? " (character 0x\(String(value, radix: 16)))" : ""
            return DocumentProblem(
                source: source, problem: "broken YAML: \(problem)\(character)", remedy: "remove that character")
        default:
            return DocumentProblem(
                source: source, problem: "broken YAML: \(error)", remedy: "give a YAML or JSON file")
        }
    }
}
