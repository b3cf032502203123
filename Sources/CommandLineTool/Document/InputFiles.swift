import Foundation

/// Finds and reads what `-f` names: files, folders (their .yaml, .yml and .json files in the order of their names) and
/// standard input. Every problem of every file is collected, so that a person corrects them in one go.
enum InputFiles {
    /// The largest file that is read, in bytes.
    static let maximumFile = 64 << 20

    private static let extensions: Set<String> = ["yaml", "yml", "json"]

    /// What was read: the documents in order, what could not be read, and the order of the files.
    struct Contents: Sendable {
        var documents: [InputDocument] = []
        var problems: [DocumentProblem] = []
        /// The files by the names that documents and problems know them by.
        var sources: [String] = []

        /// Problems in the order in which a person finds them in the files.
        func sorted(_ problems: [DocumentProblem]) -> [DocumentProblem] {
            let places = Dictionary(sources.enumerated().map { ($1, $0) }) { first, _ in first }
            return problems.enumerated().sorted { left, right in
                let leftPlace = (places[left.element.source] ?? 0, left.element.line ?? 0, left.offset)
                return leftPlace < (places[right.element.source] ?? 0, right.element.line ?? 0, right.offset)
            }.map(\.element)
        }
    }

    /// All documents of `paths`, in order. Throws only for what makes the command line wrong: nothing named, or nothing
    /// found where it pointed.
    static func read(
        _ paths: [String], recursive: Bool, terminal: Terminal
    ) throws(CommandFailure) -> Contents {
        var contents = Contents()
        var readsInput = false
        for path in paths {
            for file in try files(path, recursive: recursive) {
                if file == "-" {
                    guard !readsInput else { continue }
                    readsInput = true
                }
                let read = YAMLReader.read(try bytes(file, terminal: terminal), source: file)
                contents.sources.append(file)
                contents.documents += read.documents
                contents.problems += read.problems
            }
        }
        if contents.documents.isEmpty, contents.problems.isEmpty {
            throw CommandFailure(
                "\(paths.joined(separator: ", ")): no documents", next: "give a file with at least one resource",
                status: .data)
        }
        return contents
    }

    private static func files(_ path: String, recursive: Bool) throws(CommandFailure) -> [String] {
        if path == "-" { return [path] }
        if path.hasPrefix("http://") || path.hasPrefix("https://") {
            throw CommandFailure(
                "\(path): addresses are not fetched", next: "download it first: curl -sSf \(path) | ambitctl ... -f -",
                status: .data)
        }
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw CommandFailure("\(path): no such file or folder", next: "check the path given to -f", status: .data)
        }
        guard isFolder.boolValue else { return [path] }
        let found = folderFiles(path, recursive: recursive)
        guard !found.isEmpty else {
            throw CommandFailure(
                "\(path): no .yaml, .yml or .json files in this folder",
                next: recursive ? "check the path given to -f" : "add -R to look into the folders below it",
                status: .data)
        }
        return found
    }

    private static func folderFiles(_ folder: String, recursive: Bool) -> [String] {
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
        var files: [String] = []
        for name in names {
            let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { continue }
            if isFolder.boolValue {
                if recursive { files += folderFiles(path, recursive: true) }
            } else if let dot = name.lastIndex(of: "."), extensions.contains(String(name[name.index(after: dot)...])) {
                files.append(path)
            }
        }
        return files
    }

    private static func bytes(_ path: String, terminal: Terminal) throws(CommandFailure) -> [UInt8] {
        let advice = "check the path given to -f"
        let bytes: [UInt8]
        do {
            bytes = path == "-" ? try terminal.readInput() : [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw FileFailure.failure(reading: path, error: error, whenMissing: advice, status: .data)
        }
        guard bytes.count <= maximumFile else {
            throw CommandFailure(
                "\(path): larger than \(maximumFile) bytes", next: "split it into several files", status: .data)
        }
        return bytes
    }
}
