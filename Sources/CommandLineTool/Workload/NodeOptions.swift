import ArgumentParser

/// Where the ztunnel of this host has its control socket.
struct NodeOptions: ParsableArguments {
    /// ztunnel's default for AMBIT_RUN_DIR.
    static let defaultRunDirectory = "/run/ambit"

    @Option(
        name: .customLong("run-dir"), help: "ztunnel's run directory; else $AMBIT_RUN_DIR, /run/ambit.",
        completion: .directory)
    var runDirectory: String?

    @Option(help: "Seconds to wait until ztunnel is done.")
    var timeout: Int = 15

    /// A client for the control socket.
    var client: NodeClient {
        let directory = runDirectory ?? Terminal.current.variable("AMBIT_RUN_DIR") ?? Self.defaultRunDirectory
        return NodeClient(LocalClient.control(runDirectory: directory))
    }
}
