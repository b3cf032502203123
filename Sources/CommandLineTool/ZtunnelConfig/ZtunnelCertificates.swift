import ArgumentParser
import Foundation
import MeshModel

/// `ambitctl ztunnel-config certificates`: the identities that ztunnel holds certificates for.
struct ZtunnelCertificates: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "certificates", abstract: "Shows the certificates that ztunnel holds.",
        aliases: ["certificate", "certs", "cert", "c"])

    @OptionGroup var admin: AdminOptions

    func run() async throws {
        let certificates = try await admin.dump().certificates
        let now = Terminal.current.now()
        admin.print(.array(certificates)) { Self.table(certificates, now: now) }
    }

    /// CERTIFICATE NAME, TYPE, STATUS, VALID CERT, SERIAL NUMBER, NOT AFTER, NOT BEFORE; an identity's leaf and its chain
    /// before its roots; one row of type NA for an identity that has none.
    static func table(_ certificates: [JSONValue], now: Date) -> Table {
        var rows: [[String]] = []
        let sorted = certificates.sorted { ($0["identity"]?.asString ?? "") < ($1["identity"]?.asString ?? "") }
        for certificate in sorted {
            let name = certificate["identity"]?.asString ?? ""
            let status = status(certificate["state"]?.asString ?? "")
            let chain = certificate["certChain"]?.elements ?? []
            let roots = certificate["rootCerts"]?.elements ?? []
            for (position, part) in chain.enumerated() {
                rows.append([name, position == 0 ? "Leaf" : "Intermediate", status] + facts(part, now: now))
            }
            for root in roots {
                rows.append([name, "Root", status] + facts(root, now: now))
            }
            if chain.isEmpty, roots.isEmpty {
                rows.append([name, "NA", status, "false", "NA", "NA", "NA"])
            }
        }
        return Table(
            ["CERTIFICATE NAME", "TYPE", "STATUS", "VALID CERT", "SERIAL NUMBER", "NOT AFTER", "NOT BEFORE"], rows: rows
        )
    }

    /// The state's first word; the error that follows `Unavailable:` is in the JSON output.
    private static func status(_ state: String) -> String {
        String(state.prefix { $0 != ":" && $0 != " " })
    }

    private static func facts(_ certificate: JSONValue, now: Date) -> [String] {
        let notAfter = certificate["expirationTime"]?.asString
        let notBefore = certificate["validFrom"]?.asString
        let isValid =
            if let end = notAfter.flatMap(Age.date), let start = notBefore.flatMap(Age.date) {
                start <= now && now < end
            } else {
                false
            }
        return [
            isValid ? "true" : "false", certificate["serialNumber"]?.asString ?? "", notAfter ?? "", notBefore ?? "",
        ]
    }
}
