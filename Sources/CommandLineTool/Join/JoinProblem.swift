import AsyncHTTPClient
import Foundation
import MeshModel
import NIOCore
import NIOPosix

/// What went wrong between a joining host and ambitd, as its person needs it.
enum JoinProblem {
    /// ambitd's own refusal: it says what to do.
    static func refusal(_ answer: APIAnswer, endpoint: JoinEndpoint) -> CommandFailure {
        guard let message = answer.value?["message"]?.asString else {
            return CommandFailure(
                "\(endpoint) answered \(answer.status) without a reason",
                next: "check that this is the port where ambitd takes joins (\(Ports.join) by default)")
        }
        return CommandFailure("ambitd refused: \(message)")
    }

    /// The network's and TLS's errors.
    static func failure(_ error: any Error, endpoint: JoinEndpoint) -> CommandFailure {
        if let code = ConnectionProblem.systemError(error) {
            return CommandFailure(
                "no ambitd answers at \(endpoint): \(String(cString: strerror(code)))",
                next: "check the address, that ambitd runs there, and that no firewall is between")
        }
        switch error {
        case let error as NIOConnectionError where error.dnsAError != nil || error.dnsAAAAError != nil:
            return CommandFailure(
                "no ambitd answers at \(endpoint): the name cannot be resolved",
                next: "correct it, or join by ambitd's IP address")
        case let error as HTTPClientError
        where [.connectTimeout, .tlsHandshakeTimeout, .deadlineExceeded, .readTimeout].contains(error):
            return CommandFailure(
                "\(endpoint) did not answer within \(JoinExchange.timeoutSeconds) s",
                next:
                    "check the address, and that no firewall drops connections to this port; the token may be tried again"
            )
        default: break
        }
        let text = "\(error)"
        if text.contains("CERTIFICATE_VERIFY_FAILED") || text.contains("unableToValidateCertificate") {
            return CommandFailure(
                "\(endpoint) has the right root, but showed a certificate that this root did not sign or that is not valid now. Nothing "
                    + "secret was sent. Somebody may be impersonating ambitd",
                next: "check this host's clock and the network between")
        }
        if text.contains("failedToValidateHostname") || text.contains("serverHostnameImpossibleToMatch") {
            return CommandFailure(
                "\(endpoint) showed a certificate that is not for this name or address. Nothing secret was sent",
                next: "start ambitd with --advertise \(endpoint.host), or join by an address that it is advertised by")
        }
        if text.contains("WRONG_VERSION_NUMBER") || text.contains("HTTP_REQUEST") || text.contains("ALERT") {
            return CommandFailure(
                "\(endpoint) does not take joins: \(text)",
                next: "check the port: ambitd takes joins on \(Ports.join) by default")
        }
        return CommandFailure("the request to \(endpoint) failed: \(text)", next: "see ambitd's log")
    }
}
