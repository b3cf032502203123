import NodeCore

/// `ztunnel reload`: what systemd runs for `systemctl reload` (docs/design/upgrade.md).
extension ZtunnelProgram {
    /// Starts a process that takes over, and waits for what becomes of it: 0 when it serves, 1 with the reason when the
    /// running one goes on.
    static func reload(_ environment: [String: String]) -> CInt {
        guard let configuration = configuration(environment) else { return 64 }
        return Reload.run("ztunnel", timeout: configuration.upgradeTimeout)
    }

    private static func configuration(_ environment: [String: String]) -> NodeConfiguration? {
        do throws(ConfigurationFailure) {
            return try NodeConfiguration.read(environment, cores: ProcessSurroundings.cores)
        } catch {
            write(2, error.problems.map { "ztunnel: \($0)\n" }.joined())
            return nil
        }
    }

    /// The process that takes over.
    static func succeed(_ environment: [String: String]) -> CInt {
        guard let tell = Reload.report("ztunnel"), let configuration = configuration(environment) else { return 64 }
        var start = StartConditions(environment)
        let isDedicated = if case .dedicated = configuration.mode { true } else { false }
        let hello = UpgradeHello(
            version: Ztunnel.version, stateDirectory: configuration.stateDirectory, isDedicated: isDedicated)
        do throws(StartFailure) {
            start.predecessor = try Predecessor.ask(
                at: Ztunnel.upgradeSocket(configuration), hello, timeout: configuration.upgradeTimeout)
        } catch {
            tell(error.description)
            return 1
        }
        return run(configuration, start, onServing: tell)
    }
}
