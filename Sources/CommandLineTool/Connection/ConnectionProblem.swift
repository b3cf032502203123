import AsyncHTTPClient
import Foundation
import MeshModel
import NIOCore
import NIOPosix
import NIOSSL

/// Turns the network's and TLS's errors into what a person can act on.
enum ConnectionProblem {
    /// The failure for a request to `server` with the certificates of the kubeconfig at `path`.
    static func failure(_ error: any Error, server: String, path: String) -> CommandFailure {
        let elsewhere = "or point to another one with --kubeconfig (this one came from \(path))"
        if let code = systemError(error) {
            let reason = String(cString: strerror(code))
            return CommandFailure(
                "no ambitd answers at \(server): \(reason)",
                next: "start it there with \"ambitd serve\" (systemctl start ambitd), \(elsewhere)")
        }
        switch error {
        case let error as NIOConnectionError where error.dnsAError != nil || error.dnsAAAAError != nil:
            return CommandFailure(
                "no ambitd answers at \(server): the name \(error.host) cannot be resolved",
                next: "correct the server's name in \(path), or add it to DNS or /etc/hosts")
        case let error as HTTPClientError where timeouts.contains(error):
            return CommandFailure(
                "\(server) did not answer in time",
                next: "check that ambitd runs there and that no firewall is between, \(elsewhere)")
        case let error as HTTPClientError where error == .remoteConnectionClosed:
            return CommandFailure(
                "\(server) closed the connection before it answered",
                next: "check that this port is ambitd's API and see ambitd's log, \(elsewhere)")
        default:
            return security(error, server: server, path: path)
        }
    }

    private static let timeouts: [HTTPClientError] = [
        .connectTimeout, .tlsHandshakeTimeout, .deadlineExceeded, .readTimeout,
    ]

    /// What TLS said, by the names that BoringSSL gives to alerts and to its own verification.
    private static func security(_ error: any Error, server: String, path: String) -> CommandFailure {
        let text = "\(error)"
        if text.contains("CERTIFICATE_VERIFY_FAILED") || text.contains("unableToValidateCertificate") {
            return CommandFailure(
                "\(server) showed a certificate that the authority in \(path) did not sign, or that has expired",
                next: "copy admin.kubeconfig again from that ambitd's state directory")
        }
        if text.contains("failedToValidateHostname") || text.contains("serverHostnameImpossibleToMatch") {
            return CommandFailure(
                "\(server) showed a certificate that is not for this name or address",
                next: "use a name that it is for, or start ambitd with --advertise and this one")
        }
        let refusals = ["ALERT", "CERTIFICATE_REQUIRED", "BAD_CERTIFICATE", "UNKNOWN_CA"]
        if refusals.contains(where: text.contains) {
            return CommandFailure(
                "\(server) refused our certificate from \(path)",
                next: "it must be signed by this ambitd and not have expired: copy its admin.kubeconfig again")
        }
        if text.contains("WRONG_VERSION_NUMBER") || text.contains("HTTP_REQUEST") {
            return CommandFailure(
                "\(server) does not speak TLS",
                next: "check the port: ambitd's API is on \(Ports.resourceAPI) by default")
        }
        return CommandFailure(
            "the request to \(server) failed: \(text)", next: "see ambitd's log, and check \(path)")
    }

    /// The errno under an error of NIO's, if there is one.
    static func systemError(_ error: any Error) -> CInt? {
        if let error = error as? IOError { return error.errnoCode }
        if let error = error as? NIOConnectionError {
            return error.connectionErrors.lazy.compactMap { systemError($0.error) }.first
        }
        return nil
    }
}
