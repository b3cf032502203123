import MeshModel
import MeshPolicy
import TLSEngine

/// Compiles what a gateway serves. A TLS context is built once for the settings that it is of, so that a changed Secret or file costs
/// its own servers a new one and others nothing. Owned by the control loop, which may read files.
struct GatewayCompiler {
    private var contexts: [PublicTLSServerSettings: Result<PublicTLSContext, TLSError>] = [:]
    /// What servers with certificates in files were served with last.
    private var lastGood: [GatewayServer.Action: PublicTLSContext] = [:]
    private var files: ConfiguredFiles

    init(files: ConfiguredFiles = ConfiguredFiles()) {
        self.files = files
    }

    /// The state of a gateway that is selected by `labels`, with what its authors are to be told.
    mutating func compile(
        _ sources: RoutingSources, gateways: [Configured<GatewaySpec>], secrets: [String: SecretSpec],
        labels: [String: String], _ engine: any PatternEngine
    ) -> (state: GatewayState, notes: [String]) {
        let plan = GatewayPlan(gateways, labels: labels)
        var notes = plan.notes.map(\.description)
        let before = (contexts, lastGood)
        (contexts, lastGood) = ([:], [:])
        files.begin()
        var credentials: [String: GatewayCredential] = [:]
        for server in plan.ports.values.flatMap(\.servers) {
            guard case .terminate(let tls, let isHTTP) = server.action else { continue }
            let place = tls.namesSecrets ? " in namespace \(sources.namespace)" : ""
            do throws(GatewayTLSSettings.Refusal) {
                let settings = try settings(tls, isHTTP: isHTTP, secrets)
                let made = contexts[settings] ?? before.0[settings] ?? Self.context(settings)
                contexts[settings] = made
                var used = made
                // A pair that is being replaced file by file does not fit for a moment.
                if !tls.namesSecrets, case .failure(let error) = made, let last = before.1[server.action] {
                    notes.append("\(server.place): \(Self.problem(tls, error)): it goes on with what it had")
                    used = .success(last)
                }
                switch used {
                case .success(let context):
                    credentials[server.group] = .ready(context)
                    lastGood[server.action] = context
                case .failure(let error): throw GatewayTLSSettings.Refusal(description: Self.problem(tls, error))
                }
            } catch {
                notes.append("\(server.place): \(error)\(place): its TLS handshakes fail")
                credentials[server.group] = .missing("\(error)\(place)")
            }
        }
        let routes = GatewayRouteTable(gateway: sources, listeners: plan.listeners, engine)
        notes += routes.notes.map(\.description)
        let state = GatewayState(labels: labels, ports: plan.ports, routes: routes, credentials: credentials)
        return (state, notes)
    }

    /// Whether a file that it has read has another content now.
    func haveFilesChanged() -> Bool { files.haveChanged() }

    private mutating func settings(
        _ tls: GatewaySpec.ServerTLS, isHTTP: Bool, _ secrets: [String: SecretSpec]
    ) throws(GatewayTLSSettings.Refusal) -> PublicTLSServerSettings {
        try GatewayTLSSettings.make(tls, isHTTP: isHTTP, secret: { secrets[$0] }) { path throws(TLSError) in
            try files.content(path)
        }
    }

    private static func context(_ settings: PublicTLSServerSettings) -> Result<PublicTLSContext, TLSError> {
        do throws(TLSError) {
            return .success(try PublicTLSContext(server: settings))
        } catch {
            return .failure(error)
        }
    }

    private static func problem(_ tls: GatewaySpec.ServerTLS, _ error: TLSError) -> String {
        let names = tls.secretNames.joined(separator: ", ")
        if tls.namesSecrets { return "the Secret \(names) cannot be used: \(error.message)" }
        let paths = tls.pairs.flatMap { [$0.serverCertificate, $0.privateKey] } + tls.rootFiles + [tls.caCrl]
        return "the files \(paths.compactMap { $0 }.joined(separator: ", ")) cannot be used: \(error.message)"
    }
}
