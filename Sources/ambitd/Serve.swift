import ArgumentParser
import ControlPlane
import FoundationEssentials
import LinuxSystem
import Logging
import MeshModel

/// `ambitd serve`.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve the resource API, nodes and metrics.",
        discussion: """
            The first start makes a certificate authority, a database and admin.kubeconfig in the state directory. To use \
            an authority of your own, put ca-cert.pem, ca-key.pem, root-cert.pem (and cert-chain.pem) into its folder ca/ before.
            """)

    @Option(name: .customLong("state-dir"), help: "Keys, certificates and the database.")
    var stateDirectory = "/var/lib/ambitd"

    @Option(help: "Where the resource API listens, HOST:PORT.", transform: listenAddress)
    var apiAddress = Self.defaultAddress(6443)

    @Option(help: "Where nodes connect, HOST:PORT.", transform: listenAddress)
    var grpcAddress = Self.defaultAddress(15_012)

    @Option(help: "Where metrics are served, HOST:PORT.", transform: listenAddress)
    var metricsAddress = Self.defaultAddress(15_014)

    @Option(help: "Where new hosts join with a token, HOST:PORT.", transform: listenAddress)
    var joinAddress = Self.defaultAddress(15_013)

    @Option(
        help: "Life of the certificates of nodes that joined (90m, 12h, 30d); they are renewed at half of it.",
        transform: lifetime)
    var nodeCertificateLifetime: Double = 30 * 86_400

    @Option(help: "The longest life of workloads' certificates.", transform: lifetime)
    var workloadCertificateLifetime: Double = 86_400

    @Option(help: "The trust domain of all identities; the first start fixes it.")
    var trustDomain = "cluster.local"

    @Option(
        name: .customLong("advertise"), parsing: .singleValue,
        help: """
            A name or address that nodes and administrators reach this host by; repeat it for more. Without it: the address \
            that is listened on, or this host's addresses and name.
            """
    )
    var advertisedNames: [String] = []

    @Option(help: "trace, debug, info, notice, warning, error or critical.", transform: level)
    var logLevel = Logger.Level.info

    mutating func validate() throws {
        guard !trustDomain.isEmpty, trustDomain.allSatisfy({ $0.isLowercase || $0.isNumber || "-._".contains($0) })
        else {
            throw ValidationError(
                "--trust-domain: \"\(trustDomain)\" is none; use lower-case letters, digits, '.', '-' and '_'")
        }
    }

    func run() async throws {
        var logger = Logger(label: "ambitd", factory: { EscapingLogHandler(StreamLogHandler.standardError(label: $0)) })
        logger.logLevel = logLevel
        var configuration = DaemonConfiguration(
            stateDirectory: stateDirectory, api: try address(apiAddress, "--api-address"),
            grpc: try address(grpcAddress, "--grpc-address"), metrics: try address(metricsAddress, "--metrics-address"),
            join: try address(joinAddress, "--join-address"), trustDomain: trustDomain,
            advertisedNames: advertisedNames, ownNames: OwnNames.all(), version: Release.version)
        configuration.authority.joinedNodeLifetime = nodeCertificateLifetime
        configuration.authority.maximumWorkloadLifetime = workloadCertificateLifetime
        configuration.authority.defaultWorkloadLifetime = workloadCertificateLifetime
        let manager = NotifySocket(ProcessInfo.processInfo.environment["NOTIFY_SOCKET"])
        try await ControlDaemon(configuration, logger: logger) {
            // A service manager that does not listen is no reason to stop.
            try? manager?.send("READY=1\nSTATUS=serving")
        }.run()
    }

    private static func defaultAddress(_ port: Int) -> ListenAddress? { ListenAddress("0.0.0.0:\(port)") }

    private func address(_ parsed: ListenAddress?, _ option: String) throws -> ListenAddress {
        guard let parsed else { throw ValidationError("\(option): write HOST:PORT") }
        return parsed
    }
}

/// Reads an address option; its error names the value and what would be right.
private func listenAddress(_ text: String) throws -> ListenAddress? {
    guard let address = ListenAddress(text) else {
        throw ValidationError(
            "\"\(text)\" is no address to listen on; write HOST:PORT, for instance 0.0.0.0:6443 or [::]:6443")
    }
    return address
}

/// Reads a lifetime: a whole number and its unit. At least ten seconds, so that half of it is time enough to renew.
private func lifetime(_ text: String) throws -> Double {
    let units: [Character: Double] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
    guard let unit = text.last.flatMap({ units[$0] }), let count = UInt32(text.dropLast()), Double(count) * unit >= 10
    else {
        throw ValidationError(
            "\"\(text)\" is no lifetime; write a number and its unit, for instance 90m, 12h or 30d (at least 10s)")
    }
    return Double(count) * unit
}

/// Reads a log level.
private func level(_ text: String) throws -> Logger.Level {
    guard let level = Logger.Level(rawValue: text.lowercased()) else {
        throw ValidationError(
            "\"\(text)\" is no log level; write one of \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))"
        )
    }
    return level
}
