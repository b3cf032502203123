import ArgumentParser

/// `ambitctl waypoint`: the waypoints of the mesh, as `istioctl waypoint` has them.
struct WaypointCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "waypoint", abstract: "Makes, shows and deletes waypoints, which act on requests.",
        subcommands: [
            WaypointApply.self, WaypointList.self, WaypointStatus.self, WaypointDelete.self, WaypointGenerate.self,
        ])
}
