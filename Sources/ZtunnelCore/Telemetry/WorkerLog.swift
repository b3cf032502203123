package import HTTPWire
package import LinuxSystem
import MeshModel
package import MeshTelemetry
package import NodeCore

/// The lines that a worker writes (Z 8.2): one for each connection at its end, at debug level one at its beginning, and
/// short ones for what was refused before anything was known of it.
package struct WorkerLog {
    /// The target of lines that are not about one connection.
    private static let target = "proxy"

    /// The target of what policies in dry run would have done.
    private static let policyTarget = "rbac"

    private let logger: Logger
    private let policyLevel: LogLevel

    /// Writes through `logger`, whose sink must not block. What policies in dry run would have done is written at debug
    /// level, or at info (AUTHZ_POLICY_INFO_LOGGING).
    package init(_ logger: Logger, policyInfo: Bool) {
        self.logger = logger
        self.policyLevel = policyInfo ? .info : .debug
    }

    /// Whether findings of dry runs would be written.
    package var admitsDryRuns: Bool { logger.admits(policyLevel, Self.policyTarget) }

    /// What a policy in dry run would have done.
    package func dryRun(_ message: String) { logger.log(policyLevel, Self.policyTarget, message) }

    /// "connection opened".
    package func opened(_ connection: ProxiedConnection) {
        logger.log(.debug, AccessLogEntry.target, AccessLogEntry.opened, fields: entry(connection).identifying)
    }

    /// "connection complete".
    package func completed(
        _ connection: ProxiedConnection, fromFirst: UInt64, fromSecond: UInt64, failure: ConnectionFailure?,
        now: MonotonicTime
    ) {
        guard logger.admits(failure == nil ? .info : .error, AccessLogEntry.target) else { return }
        var entry = entry(connection)
        entry.bytesSent = fromFirst
        entry.bytesReceived = fromSecond
        let duration = (now - connection.start).components
        entry.milliseconds =
            UInt64(clamping: duration.seconds) &* 1_000
            &+ UInt64(clamping: duration.attoseconds / 1_000_000_000_000_000)
        entry.error = failure?.message
        logger.log(entry.level, AccessLogEntry.target, AccessLogEntry.complete, fields: entry.fields)
    }

    /// "connection failed".
    package func earlyDenial(
        source: SocketAddress, destination: SocketAddress, direction: ConnectionSummary.Direction,
        _ failure: ConnectionFailure
    ) {
        guard logger.admits(.warn, AccessLogEntry.target) else { return }
        let entry = AccessLogEntry(
            source: AccessLogEntry.End(address: source.description),
            destination: AccessLogEntry.End(address: destination.description),
            direction: direction == .inbound ? .inbound : .outbound, error: failure.message)
        logger.log(.warn, AccessLogEntry.target, AccessLogEntry.failed, fields: entry.early)
    }

    /// Something that an operator should look at.
    package func warn(_ message: @autoclosure () -> String) { logger.log(.warn, Self.target, message()) }

    /// Something worth knowing.
    package func info(_ message: @autoclosure () -> String) { logger.log(.info, Self.target, message()) }

    private func entry(_ connection: ProxiedConnection) -> AccessLogEntry {
        let labels = connection.labels
        let isOutbound = connection.direction == .outbound
        return AccessLogEntry(
            source: end(labels.source, address: connection.source),
            destination: end(labels.destination, address: isOutbound ? connection.target : connection.destination),
            tunnelledAddress: connection.transport == .hbone ? connection.authority : nil,
            service: labels.service?.hostname, direction: isOutbound ? .outbound : .inbound)
    }

    private func end(_ end: TelemetryEnd, address: SocketAddress) -> AccessLogEntry.End {
        AccessLogEntry.End(
            address: address.description, workload: text(end.instance), namespace: text(end.namespace),
            identity: text(end.principal), cluster: text(end.cluster))
    }

    private func text(_ value: String) -> String? { value.isEmpty ? nil : value }
}
