import ArgumentParser
import MeshModel

extension InputOptions {
    /// Ends with a usage error when no file is named.
    func requireFiles() throws {
        guard !filenames.isEmpty else {
            throw ValidationError("Name a file, a folder or - with -f.")
        }
    }

    /// Reads and checks all documents. Prints every warning; if anything is wrong, prints every problem and ends the
    /// command with `end`, so that nothing is half done.
    func checkedDocuments(
        namespace: DocumentCheck.Namespace, end: String, terminal: Terminal
    ) throws(CommandFailure) -> [CheckedDocument] {
        let contents = try InputFiles.read(filenames, recursive: recursive, terminal: terminal)
        let (checked, invalid, skipped) = DocumentCheck.check(contents.documents, namespace: namespace)
        for document in skipped {
            terminal.printErrorLine("left out: \(document.text)")
        }
        for warning in checked.flatMap(\.warnings) {
            terminal.printErrorLine("warning: \(warning)")
        }
        let problems = contents.sorted(contents.problems + invalid)
        guard problems.isEmpty else {
            problems.forEach { terminal.printErrorLine($0.text) }
            let count = problems.count == 1 ? "1 problem" : "\(problems.count) problems"
            throw CommandFailure("\(count); \(end)", status: .data)
        }
        return checked
    }
}
