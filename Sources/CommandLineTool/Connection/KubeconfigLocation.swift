import Foundation

/// Finds the kubeconfig file: named on the command line, by `AMBIT_KUBECONFIG`, by `KUBECONFIG` (the first file of its
/// list that exists), or the one that ambitd wrote on this host.
enum KubeconfigLocation {
    /// What ambitd writes with its default state directory.
    static let administrator = "/var/lib/ambitd/admin.kubeconfig"

    private static let howToHaveOne = """
        "ambitd serve" writes STATE-DIR/admin.kubeconfig on its host; copy it here and name it with --kubeconfig or \
        AMBIT_KUBECONFIG, or run this command as root on that host
        """

    /// Reads and resolves the file, or says where it was looked for and how to have one.
    static func load(
        explicit: String?, context: String?, terminal: Terminal
    ) throws(CommandFailure) -> Kubeconfig {
        let path = try locate(explicit: explicit, terminal: terminal)
        let bytes: Data
        do {
            bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw FileFailure.failure(reading: path, error: error, whenMissing: howToHaveOne)
        }
        return try Kubeconfig(bytes: [UInt8](bytes), path: path, context: context)
    }

    private static func locate(explicit: String?, terminal: Terminal) throws(CommandFailure) -> String {
        if let explicit { return explicit }
        if let path = terminal.variable("AMBIT_KUBECONFIG") { return path }
        if let list = terminal.variable("KUBECONFIG") {
            let paths = list.split(separator: ":").map(String.init)
            return paths.first { FileManager.default.fileExists(atPath: $0) } ?? paths.first ?? list
        }
        return administrator
    }
}
