import ArgumentParser

/// `ambitctl validate -f`: checks documents without any server, as `apply` does before it sends anything.
struct Validate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Checks resources in files, offline.", aliases: ["v"])

    @OptionGroup var input: InputOptions

    @OptionGroup var namespace: NamespaceOptions

    func validate() throws {
        try input.requireFiles()
    }

    func run() throws {
        let terminal = Terminal.current
        let checked = try input.checkedDocuments(
            namespace: DocumentCheck.Namespace(explicit: namespace.namespace, fallback: "default"),
            end: "correct and validate again", terminal: terminal)
        for document in checked {
            terminal.printLine("\(document.reference) is valid")
        }
    }
}
