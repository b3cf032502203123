package import Logging

/// Writes each event as one line of one program, whatever peers put into it: the last thing before standard error.
package struct EscapingLogHandler: LogHandler {
    private var base: any LogHandler

    /// A handler that gives what it escaped to `base`.
    package init(_ base: any LogHandler) {
        self.base = base
    }

    package var logLevel: Logger.Level {
        get { base.logLevel }
        set { base.logLevel = newValue }
    }

    package var metadata: Logger.Metadata {
        get { base.metadata }
        set { base.metadata = newValue.mapValues(Self.escaped) }
    }

    package var metadataProvider: Logger.MetadataProvider? {
        get { base.metadataProvider }
        set { base.metadataProvider = newValue }
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { base[metadataKey: key] }
        set { base[metadataKey: key] = newValue.map(Self.escaped) }
    }

    package func log(event: LogEvent) {
        var event = event
        // An error is written by its text, once, so that it cannot pass beside the escaping.
        let error = event.error.map { ": \($0)" } ?? ""
        event.error = nil
        event.message = "\(LogText.escaped(event.message.description + error))"
        event.metadata = event.metadata?.mapValues(Self.escaped)
        base.log(event: event)
    }

    private static func escaped(_ value: Logger.Metadata.Value) -> Logger.Metadata.Value {
        .string(LogText.escaped(value.description))
    }
}
