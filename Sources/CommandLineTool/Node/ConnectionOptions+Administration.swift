import MeshModel

extension ConnectionOptions {
    /// One request about nodes or tokens; a refusal ends the command with the server's words. `what` is what it is about.
    func administer(_ request: APIRequest, _ what: String) async throws -> JSONValue {
        do {
            return try await withClient { client in
                guard let value = try await client.send(request).value else {
                    throw CommandFailure(
                        "\(client.kubeconfig.server) did not answer with JSON",
                        next: "check that this server is ambitd and as new as this ambitctl")
                }
                return value
            }
        } catch let refusal as APIRefusal {
            // A conflict here is no lost race: the message says what to do.
            guard refusal.status != 409 else { throw CommandFailure("\(what): \(refusal.message)") }
            throw refusal.failure(what)
        }
    }
}
