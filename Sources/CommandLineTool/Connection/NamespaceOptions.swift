import ArgumentParser

/// The namespace that a command works in.
struct NamespaceOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: "Namespace; else the kubeconfig's, else default.")
    var namespace: String?
}
