package import ArgumentParser

/// The namespace that a command works in.
package struct NamespaceOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: "Namespace; else the kubeconfig's, else default.")
    package var namespace: String?

    package init() {}
}
