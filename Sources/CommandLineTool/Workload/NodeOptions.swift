package import ArgumentParser

/// Where the ztunnel of this host has its control socket.
package struct NodeOptions: ParsableArguments {
    /// ztunnel's default for AMBIT_RUN_DIR.
    package static let defaultRunDirectory = "/run/ambit"

    @Option(
        name: .customLong("run-dir"), help: "ztunnel's run directory; else $AMBIT_RUN_DIR, /run/ambit.",
        completion: .directory)
    package var runDirectory: String?

    @Option(help: "Seconds to wait until ztunnel is done.")
    package var timeout: Int = 15

    package init() {}

    /// A client for the control socket.
    package var client: NodeClient {
        let directory = runDirectory ?? Terminal.current.variable("AMBIT_RUN_DIR") ?? Self.defaultRunDirectory
        return NodeClient(LocalClient.control(runDirectory: directory))
    }
}
