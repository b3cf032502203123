import ArgumentParser
import MeshModel

/// The roles by the names that people type.
enum RoleName: String, ExpressibleByArgument, CaseIterable {
    case admin
    case editor
    case reader

    /// The roles that a certificate must carry, one for each namespace where there are some.
    func roles(in namespaces: [String]) throws(CommandFailure) -> [AccessRole] {
        for name in namespaces {
            if let problem = NameRules.label(name) {
                throw CommandFailure(
                    "--namespace: \"\(name)\" \(problem)", next: "give a namespace's name, such as shop", status: .usage
                )
            }
        }
        switch (self, namespaces.isEmpty) {
        case (.admin, true): return [.administrator]
        case (.admin, false):
            throw CommandFailure(
                "--namespace: the role admin is for the whole mesh", next: "leave it out, or use --role editor",
                status: .usage)
        case (.editor, true):
            throw CommandFailure(
                "--namespace: the role editor needs the namespaces that it may write in",
                next: "add --namespace NAME, once for each", status: .usage)
        case (.editor, false): return namespaces.map { .editor(namespace: $0) }
        case (.reader, true): return [.reader(namespace: nil)]
        case (.reader, false): return namespaces.map { .reader(namespace: $0) }
        }
    }
}
