import Glibc
import LinuxSystem
import NodeCore

/// The command line of `ztunnel`: `proxy` (default), `capture`, `version`, `help` (Z 0).
package enum ZtunnelProgram {
    private static let usage = """
        usage: ztunnel [proxy | reload | capture load | capture remove | version | help]

        proxy           carries the traffic of the workloads that are enrolled on this host (default)
        reload          starts this program in the place of the one that runs, without losing a connection
        capture load    loads the capture rules of all enrolments, without serving them: before they start, at boot
        capture remove  removes the capture rules, and all that systemd was told: when the program is removed
        version         prints the version
        help            prints this text

        Settings come from environment variables, with Istio's names; see the README. The most important ones:
          NODE_NAME                          the name of this host in the mesh
          XDS_ADDRESS, XDS_ROOT_CA           the control plane, https://host:15012, and the file of its roots
          CA_ADDRESS, CA_ROOT_CA             the certificate authority, the same as a rule
          AMBIT_NODE_CERT, AMBIT_NODE_KEY    the node's certificate and key, as `ambitctl join` writes them
          AMBIT_STATE_DIR, AMBIT_RUN_DIR     what outlives a restart (/var/lib/ambit), and the control socket (/run/ambit)

        """

    /// Runs the program and returns its exit status: 0, 64 for a wrong command or setting, 1 for a failure.
    package static func main(
        arguments: [String], environment: [String: String] = ProcessSurroundings.environment()
    ) -> CInt {
        switch arguments.dropFirst().first ?? "proxy" {
        case "proxy" where arguments.count <= 2: return proxy(environment)
        case "reload" where arguments.count == 2: return reload(environment)
        // What `reload` starts.
        case Reload.successor where arguments.count == 2: return succeed(environment)
        case "capture" where arguments.count == 3:
            guard let action = CaptureProgram.Action(rawValue: arguments[2]) else { return unknown(arguments) }
            return capture(action, environment)
        case "version", "--version":
            write(1, "ztunnel \(Ztunnel.version)\n")
            return 0
        case "help", "--help", "-h":
            write(1, usage)
            return 0
        default: return unknown(arguments)
        }
    }

    private static func unknown(_ arguments: [String]) -> CInt {
        write(2, "ztunnel: unknown command '\(arguments.dropFirst().joined(separator: " "))'\n\n\(usage)")
        return 64
    }

    private static func proxy(_ environment: [String: String]) -> CInt {
        do throws(ConfigurationFailure) {
            let configuration = try NodeConfiguration.read(environment, cores: ProcessSurroundings.cores)
            return run(configuration, .first(environment)) { _ in }
        } catch {
            write(2, error.problems.map { "ztunnel: \($0)\n" }.joined())
            return 64
        }
    }

    /// `onServing` is told how a hand-over ended.
    static func run(
        _ configuration: NodeConfiguration, _ start: StartConditions, onServing: @escaping (_ failure: String?) -> Void
    ) -> CInt {
        do {
            let ztunnel = try Ztunnel(configuration, start: start)
            ztunnel.onServing = onServing
            try ztunnel.run()
            return 0
        } catch {
            write(2, "ztunnel: \(error)\n")
            // Has no effect where it was told before.
            onServing("\(error)")
            return 1
        }
    }

    private static func capture(_ action: CaptureProgram.Action, _ environment: [String: String]) -> CInt {
        do {
            let configuration = try NodeConfiguration.capture(environment)
            try CaptureProgram(configuration) { write(2, "ztunnel: \($0)\n") }.run(action)
            return 0
        } catch let failure as ConfigurationFailure {
            write(2, failure.problems.map { "ztunnel: \($0)\n" }.joined())
            return 64
        } catch {
            write(2, "ztunnel: \(error)\n")
            return 1
        }
    }

    static func write(_ descriptor: CInt, _ text: String) { ProcessSurroundings.write(descriptor, text) }
}
