import Glibc
import LinuxSystem
import MeshModel
import NodeCore

/// The command line of `waypoint`: `proxy` (default), `version`, `help`.
package enum WaypointProgram {
    private static let usage = """
        usage: waypoint [proxy | version | help]

        proxy    takes requests for the services that name this waypoint, and sends them on (default)

        Settings come from environment variables, with Istio's names:
          AMBIT_WAYPOINT                     namespace/name of the waypoint's Service
          SERVICE_ACCOUNT                    whose certificate it presents (the waypoint's name)
          AMBIT_HBONE_PORT                   where it takes tunnels (15008); the Service's targetPort
          NODE_NAME, XDS_ADDRESS, XDS_ROOT_CA, CA_ADDRESS, CA_ROOT_CA, AMBIT_NODE_CERT, AMBIT_NODE_KEY
                                             as for ztunnel: `ambitctl join` writes them
          AMBIT_STATE_DIR                    what outlives a restart (/var/lib/ambit-waypoint)

        """

    /// Runs the program and returns its exit status: 0, 64 for a wrong command or setting, 1 for a failure.
    package static func main(arguments: [String], environment: [String: String]) -> CInt {
        switch (arguments.dropFirst().first ?? "proxy", arguments.count) {
        case ("proxy", ...2): return proxy(environment)
        case ("version", 2), ("--version", 2):
            print("waypoint \(Release.version)")
            return 0
        case ("help", 2), ("--help", 2), ("-h", 2):
            print(usage, terminator: "")
            return 0
        default:
            complain("waypoint: unknown command '\(arguments.dropFirst().joined(separator: " "))'\n\n\(usage)")
            return 64
        }
    }

    private static func proxy(_ environment: [String: String]) -> CInt {
        do {
            let configuration = try WaypointConfiguration.read(
                environment, cores: sysconf(CInt(_SC_NPROCESSORS_ONLN)))
            _ = try? DescriptorLimit.raise()
            try Waypoint(configuration, service: ServiceManager(NotifySocket(environment["NOTIFY_SOCKET"]))).run()
            return 0
        } catch let failure as ConfigurationFailure {
            complain(failure.problems.map { "waypoint: \($0)\n" }.joined())
            return 64
        } catch {
            complain("waypoint: \(error)\n")
            return 1
        }
    }

    private static func complain(_ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }

    /// The environment of the process.
    package static func environment() -> [String: String] {
        var variables: [String: String] = [:]
        var next = environ
        while let entry = next.pointee {
            let text = String(cString: entry)
            if let split = text.firstIndex(of: "=") {
                variables[String(text[..<split])] = String(text[text.index(after: split)...])
            }
            next = next.successor()
        }
        return variables
    }
}
