import ArgumentParser

/// `ambitctl ztunnel-config`: what the ztunnel of this host knows and does, as `istioctl ztunnel-config` shows it.
struct ZtunnelConfig: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ztunnel-config",
        abstract: "Shows what the ztunnel of this host knows and does.",
        subcommands: [
            ZtunnelWorkloads.self, ZtunnelServices.self, ZtunnelPolicies.self, ZtunnelCertificates.self,
            ZtunnelConnections.self, ZtunnelEverything.self, ZtunnelLog.self,
        ],
        aliases: ["zc"])
}
