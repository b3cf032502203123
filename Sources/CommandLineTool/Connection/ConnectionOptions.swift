import ArgumentParser

/// Where ambitd is and who we are to it; shared by every command that talks to it.
struct ConnectionOptions: ParsableArguments {
    @Option(
        name: [.customShort("c"), .long],
        help: "Kubeconfig file; else $AMBIT_KUBECONFIG, $KUBECONFIG, /var/lib/ambitd/admin.kubeconfig.")
    var kubeconfig: String?

    @Option(help: "Context of the kubeconfig file; else its current-context.")
    var context: String?

    @Option(name: .customLong("request-timeout"), help: "Seconds that one request may take.")
    var requestTimeout: Int = APIClient.defaultTimeoutSeconds

    /// Runs `body` with a client for the server that the kubeconfig names, and closes the client's connections after it.
    func withClient<Result: Sendable>(
        _ body: (APIClient) async throws -> Result
    ) async throws -> Result {
        let terminal = Terminal.current
        let kubeconfig = try KubeconfigLocation.load(explicit: kubeconfig, context: context, terminal: terminal)
        let client = try APIClient(kubeconfig, timeoutSeconds: max(requestTimeout, 1))
        do {
            let result = try await body(client)
            try? await client.shutdown()
            return result
        } catch {
            try? await client.shutdown()
            throw error
        }
    }
}
