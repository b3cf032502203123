import ArgumentParser

/// `ambitctl ztunnel-config all`: all tables one after the other, or the whole dump.
struct ZtunnelEverything: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "all", abstract: "Shows everything that ztunnel knows.")

    @OptionGroup var admin: AdminOptions

    func run() async throws {
        let terminal = Terminal.current
        let dump = try await admin.dump()
        if let text = admin.output.text(dump.value) {
            terminal.write(text)
            return
        }
        let tables = [
            ZtunnelWorkloads.table(dump.workloads, dump: dump), ZtunnelServices.table(dump.services, dump: dump),
            ZtunnelPolicies.table(dump.policies),
            ZtunnelCertificates.table(dump.certificates, now: terminal.now()),
            ZtunnelConnections.table(dump.localWorkloads.map(\.state), names: AddressNames(dump)),
        ]
        terminal.write(tables.map { $0.text() }.joined(separator: "\n"))
    }
}
