import MeshModel
import MeshPolicy
import TLSEngine

/// Compiles what a gateway serves. A TLS context is built once for the settings that it is of, so that a changed Secret costs its own
/// servers a new one and others nothing. Owned by the control loop.
struct GatewayCompiler {
    private var contexts: [PublicTLSServerSettings: GatewayCredential] = [:]

    /// The state of a gateway that is selected by `labels`, with what its authors are to be told.
    mutating func compile(
        _ sources: RoutingSources, gateways: [Configured<GatewaySpec>], secrets: [String: SecretSpec],
        labels: [String: String], _ engine: any PatternEngine
    ) -> (state: GatewayState, notes: [String]) {
        let plan = GatewayPlan(gateways, labels: labels)
        var notes = plan.notes.map(\.description)
        var used: [PublicTLSServerSettings: GatewayCredential] = [:]
        var credentials: [String: GatewayCredential] = [:]
        for server in plan.ports.values.flatMap(\.servers) {
            guard case .terminate(let tls, let isHTTP) = server.action else { continue }
            let made = credential(tls, isHTTP: isHTTP, secrets, &used)
            if case .missing(let reason) = made {
                notes.append("\(server.place): \(reason) in namespace \(sources.namespace): its TLS handshakes fail")
            }
            credentials[server.group] = made
        }
        contexts = used
        let routes = GatewayRouteTable(gateway: sources, listeners: plan.listeners, engine)
        notes += routes.notes.map(\.description)
        let state = GatewayState(labels: labels, ports: plan.ports, routes: routes, credentials: credentials)
        return (state, notes)
    }

    private func credential(
        _ tls: GatewaySpec.ServerTLS, isHTTP: Bool, _ secrets: [String: SecretSpec],
        _ used: inout [PublicTLSServerSettings: GatewayCredential]
    ) -> GatewayCredential {
        let settings: PublicTLSServerSettings
        do throws(GatewayTLSSettings.Refusal) {
            settings = try GatewayTLSSettings.make(tls, isHTTP: isHTTP) { secrets[$0] }
        } catch {
            return .missing(error.description)
        }
        if let found = used[settings] ?? contexts[settings] {
            used[settings] = found
            return found
        }
        let made: GatewayCredential
        do throws(TLSError) {
            made = .ready(try PublicTLSContext(server: settings))
        } catch {
            let names = [tls.credentialName].compactMap { $0 } + tls.credentialNames
            made = .missing("the Secret \(names.joined(separator: ", ")) cannot be used: \(error.message)")
        }
        used[settings] = made
        return made
    }
}
