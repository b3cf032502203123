import ArgumentParser

/// The documents that a command works on.
struct InputOptions: ParsableArguments {
    @Option(
        name: [.customShort("f"), .customLong("filename")],
        help: "File, folder, or - for standard input; may be given several times.",
        completion: .file(extensions: ["yaml", "yml", "json"]))
    var filenames: [String] = []

    @Flag(name: [.customShort("R"), .long], help: "Look into folders below the folder given.")
    var recursive = false
}
