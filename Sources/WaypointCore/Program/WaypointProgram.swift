import MeshModel
import NodeCore

/// The command line of `waypoint`: `proxy` (default), `reload`, `version`, `help`.
package enum WaypointProgram {
    private static let usage = """
        usage: waypoint [proxy | reload | version | help]

        proxy    takes requests for the services that name this waypoint, or at the ports of the Gateways that select this
                 gateway, and sends them on (default)
        reload   starts this program in the place of the one that runs, without a failed request
        version  prints the version
        help     prints this text

        Settings come from environment variables, with Istio's names:
          AMBIT_WAYPOINT                     namespace/name of the waypoint's Service, or name.namespace
          AMBIT_GATEWAY                      the same of a gateway's Service; one of both is set
          SERVICE_ACCOUNT                    whose certificate it presents (the Service's name)
          AMBIT_HBONE_PORT                   where it takes tunnels (15008); auto: the first free one from 15108 on
          AMBIT_READINESS_PORT               where /healthz/ready is answered (15021); 0: nowhere
          AMBIT_HOST_ADDRESSES               where other hosts reach this one, if not by the way to the control plane
          NODE_NAME, XDS_ADDRESS, XDS_ROOT_CA, CA_ADDRESS, CA_ROOT_CA, AMBIT_NODE_CERT, AMBIT_NODE_KEY
                                             as for ztunnel: `ambitctl join` writes them
          AMBIT_REQUEST_IDLE_TIMEOUT         how long the content of a request may stand still without a response (5m), then 408; and a
                                             response whose client takes nothing of it, which is then broken off
          AMBIT_STATE_DIR, AMBIT_RUN_DIR     what outlives a restart (/var/lib/ambit-waypoint or -gateway), and the socket for
                                             reload (/run/ambit-waypoint or -gateway); STATE_DIRECTORY and RUNTIME_DIRECTORY go before them

        """

    /// Runs the program and returns its exit status: 0, 64 for a wrong command or setting, 1 for a failure.
    package static func main(
        arguments: [String], environment: [String: String] = ProcessSurroundings.environment()
    ) -> CInt {
        switch (arguments.dropFirst().first ?? "proxy", arguments.count) {
        case ("proxy", ...2):
            guard let configuration = configuration(environment) else { return 64 }
            return run(configuration, .first(environment)) { _ in }
        case ("reload", 2):
            guard let configuration = configuration(environment) else { return 64 }
            return Reload.run("waypoint", timeout: configuration.upgradeTimeout)
        // What `reload` starts.
        case (Reload.successor, 2): return succeed(environment)
        case ("version", 2), ("--version", 2):
            ProcessSurroundings.write(1, "waypoint \(Release.version)\n")
            return 0
        case ("help", 2), ("--help", 2), ("-h", 2):
            ProcessSurroundings.write(1, usage)
            return 0
        default:
            complain("unknown command '\(arguments.dropFirst().joined(separator: " "))'\n\n\(usage)")
            return 64
        }
    }

    private static func configuration(_ environment: [String: String]) -> WaypointConfiguration? {
        do throws(ConfigurationFailure) {
            return try WaypointConfiguration.read(environment, cores: ProcessSurroundings.cores)
        } catch {
            for problem in error.problems { complain(problem + "\n") }
            return nil
        }
    }

    /// The process that takes over.
    private static func succeed(_ environment: [String: String]) -> CInt {
        guard let tell = Reload.report("waypoint"), let configuration = configuration(environment) else { return 64 }
        var start = StartConditions(environment)
        let hello = UpgradeHello(
            version: Release.version, stateDirectory: configuration.stateDirectory, isDedicated: false)
        do throws(StartFailure) {
            start.predecessor = try Predecessor.ask(
                at: configuration.upgradeSocket, hello, timeout: configuration.upgradeTimeout)
        } catch {
            tell(error.description)
            return 1
        }
        return run(configuration, start, onServing: tell)
    }

    /// `onServing` is told how a hand-over ended.
    private static func run(
        _ configuration: WaypointConfiguration, _ start: StartConditions,
        onServing: @escaping (_ failure: String?) -> Void
    ) -> CInt {
        do {
            let waypoint = try Waypoint(configuration, start: start)
            waypoint.onServing = onServing
            try waypoint.run()
            return 0
        } catch {
            complain("\(error)\n")
            // Has no effect where it was told before.
            onServing("\(error)")
            return 1
        }
    }

    private static func complain(_ text: String) { ProcessSurroundings.write(2, "waypoint: \(text)") }
}
