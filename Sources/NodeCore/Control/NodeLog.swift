package import MeshTelemetry

/// The node's log under one target name. Thread: any.
package struct NodeLog: Sendable {
    private let logger: Logger
    private let target: String

    /// Lines of `target`.
    package init(_ logger: Logger, _ target: String) {
        self.logger = logger
        self.target = target
    }

    /// Writes a line if the level is admitted; the message is only made then.
    package func callAsFunction(_ level: LogLevel, _ message: @autoclosure () -> String) {
        logger.log(level, target, message())
    }
}
