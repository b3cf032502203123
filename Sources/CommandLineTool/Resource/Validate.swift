package import ArgumentParser

/// `ambitctl validate -f`: checks documents without any server, as `apply` does before it sends anything.
package struct Validate: ParsableCommand {
    package static let configuration = CommandConfiguration(
        abstract: "Checks resources in files, offline.", aliases: ["v"])

    @OptionGroup package var input: InputOptions

    @OptionGroup package var namespace: NamespaceOptions

    package init() {}

    package func validate() throws {
        try input.requireFiles()
    }

    package func run() throws {
        let terminal = Terminal.current
        let checked = try input.checkedDocuments(
            namespace: DocumentCheck.Namespace(explicit: namespace.namespace, fallback: "default"),
            end: "correct and validate again", terminal: terminal)
        for document in checked {
            terminal.printLine("\(document.reference) is valid")
        }
    }
}
