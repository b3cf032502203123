import ArgumentParser
import MeshModel

/// `ambitctl get`: lists resources.
struct Get: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows resources.",
        discussion: """
            ambitctl get services | svc/web | ap,se -A | all -n shop -o yaml
            Kinds are named in the plural, the singular, or short; "all" is every kind but namespaces and service accounts.
            """)

    @Argument(help: "KIND[,KIND...] [NAME...], or KIND/NAME...")
    var words: [String]

    @OptionGroup var namespace: NamespaceOptions

    @Flag(name: [.customShort("A"), .customLong("all-namespaces")], help: "In all namespaces.")
    var allNamespaces = false

    @Option(name: [.customShort("l"), .long], help: "Label selector: app=web,version!=v1,tier in (a,b).")
    var selector: String?

    @Option(name: .shortAndLong, help: "table, wide, json, yaml or name.")
    var output: OutputFormat = .table

    @Flag(name: .shortAndLong, help: "Then go on and print every change.")
    var watch = false

    @Flag(name: .customLong("no-headers"), help: "Leave out the headings of tables.")
    var withoutHeadings = false

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        try output.require(oneOf: [.table, .wide, .json, .yaml, .name])
        if allNamespaces, namespace.namespace != nil {
            throw ValidationError("Give either --namespace or --all-namespaces.")
        }
    }

    func run() async throws {
        let terminal = Terminal.current
        let arguments = try ResourceArguments(words)
        let named = arguments.items.contains { $0.name != nil }
        if named, allNamespaces {
            throw CommandFailure(
                "a name is looked for in one namespace", next: "leave --all-namespaces out, or the name",
                status: .usage)
        }
        if named, selector != nil {
            throw CommandFailure(
                "a selector and a name exclude each other", next: "leave one of them out", status: .usage)
        }
        if watch, arguments.items.count != 1 || named {
            throw CommandFailure("--watch takes one kind and no name", next: "name one kind", status: .usage)
        }
        try await connection.withClient { client in
            let place = allNamespaces ? nil : namespace.namespace ?? client.kubeconfig.namespace ?? "default"
            let query = ResourceQuery(client: client, namespace: place, selector: selector)
            let printer = ResourcePrinter(
                format: output, includesHeadings: !withoutHeadings, includesNamespace: allNamespaces,
                terminal: terminal)
            if watch {
                try await query.watch(arguments.items[0].kind, printer: printer)
            } else {
                let lists = try await query.lists(arguments.items)
                printer.print(lists, isSingle: named && arguments.items.count == 1, namespace: place)
            }
        }
    }
}
