import ArgumentParser
import MeshModel

/// How values that are meant for programs are printed.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    case table
    case wide
    case short
    case json
    case yaml
    case name

    /// The text of a value in a format for programs; nil if this one is for people.
    func text(_ value: JSONValue) -> String? {
        switch self {
        case .json: value.prettyText + "\n"
        case .yaml: YAMLWriter.text(value)
        case .table, .wide, .short, .name: nil
        }
    }

    /// Whether it is a table.
    var isTable: Bool {
        [.table, .wide, .short].contains(self)
    }

    /// Ends with a usage error unless the command can print this format.
    func require(oneOf formats: [OutputFormat]) throws {
        guard formats.contains(self) else {
            let names = formats.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("-o \(rawValue) is not possible here; choose one of \(names).")
        }
    }
}
