import ArgumentParser

/// `ambitctl completion SHELL`: prints the script that completes this program's arguments.
struct Completion: ParsableCommand {
    /// The shells that have a script.
    enum Shell: String, ExpressibleByArgument, CaseIterable, Sendable {
        case bash
        case zsh
        case fish
    }

    static let configuration = CommandConfiguration(
        abstract: "Prints a shell completion script.",
        discussion: """
            bash: ambitctl completion bash > /etc/bash_completion.d/ambitctl
            zsh:  ambitctl completion zsh > "${fpath[1]}/_ambitctl"
            fish: ambitctl completion fish > ~/.config/fish/completions/ambitctl.fish
            """)

    @Argument(help: "bash, zsh or fish.")
    var shell: Shell

    func run() throws {
        let dialect: CompletionShell =
            switch shell {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        Terminal.current.printLine(Ambitctl.completionScript(for: dialect))
    }
}
