import ArgumentParser

/// The `ambitctl` command: what `kubectl` and `istioctl` are to a cluster, for a mesh of hosts.
struct Ambitctl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ambitctl",
        abstract: "Configures and looks into an Ambit mesh.",
        discussion: """
            Resource commands talk to ambitd with the certificate of a kubeconfig file; enroll, unenroll, drain, \
            undrain and ztunnel-config talk to the ztunnel of this host and need root.
            """,
        subcommands: [],
        groupedSubcommands: [
            CommandGroup(
                name: "Resource",
                subcommands: [Apply.self, Validate.self, Get.self, Describe.self, Delete.self]),
            CommandGroup(name: "Nodes", subcommands: [TokenCommand.self, Join.self, NodeCommand.self]),
            CommandGroup(name: "Waypoints", subcommands: [WaypointCommand.self, GatewayCommand.self]),
            CommandGroup(name: "Local workload", subcommands: [Enroll.self, Unenroll.self, Drain.self, Undrain.self]),
            CommandGroup(name: "Mesh state", subcommands: [Status.self, ZtunnelConfig.self]),
            CommandGroup(name: "Access", subcommands: [IssueKubeconfig.self]),
            CommandGroup(name: "Other", subcommands: [Version.self, Completion.self]),
        ])
}
