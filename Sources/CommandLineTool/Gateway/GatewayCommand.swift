import ArgumentParser

/// `ambitctl gateway`: the gateways of the mesh, which open the ports of Gateways to the outside.
struct GatewayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway", abstract: "Makes, shows and deletes gateways, by which the outside reaches the mesh.",
        subcommands: [GatewayApply.self, GatewayList.self, GatewayStatus.self, GatewayDelete.self])
}
