import MeshModel

/// The server's refusal of a request, from its Kubernetes `Status`: what it said, field by field where it did, and what
/// to do about it.
struct APIRefusal: Error, Equatable, Sendable {
    let status: Int
    /// The server's words.
    let message: String
    /// `field: problem` of each field that it complained of.
    let causes: [String]
    private let remedy: String?

    init(_ answer: APIAnswer, request: APIRequest, server: String) {
        let value = answer.value
        status = answer.status
        message =
            value?["message"]?.asString ?? "\(server)\(request.path) answered \(answer.status) without a reason"
        causes = (value?["details"]?["causes"]?.elements ?? []).compactMap { cause in
            guard let text = cause["message"]?.asString else { return nil }
            return cause["field"]?.asString.map { "\($0): \(text)" } ?? text
        }
        // A refusal by role names the user; others of the same status say themselves what to do.
        let isOfRole = message.lowercased().contains("user ")
        remedy = answer.status == 403 && !isOfRole ? nil : Self.remedy(answer.status, server: server)
    }

    /// The failure that ends a command.
    func failure(_ what: String) -> CommandFailure {
        let details = causes.map { "\n  \($0)" }.joined()
        return CommandFailure("\(what): \(message)\(details)", next: remedy)
    }

    private static func remedy(_ status: Int, server: String) -> String? {
        switch status {
        case 401: "use the client certificate of ambitd's admin.kubeconfig"
        case 403: "this certificate may not do that; use ambitd's admin.kubeconfig"
        case 409: "someone else changed it meanwhile; run the command again"
        case 429, 503: "ambitd is busy or stopping; run the command again in a moment"
        case 500..<600: "see ambitd's log on \(server)"
        default: nil
        }
    }
}
