/// Whoever moves the bytes of a `TCPConnection`: a relay, or a plain reader. A base class, so that an event is one virtual call.
package class TCPConsumer {
    /// The connection may be readable, writable or broken: look at its flags.
    func connectionReady(_ connection: TCPConnection) {}

    /// Its turn to go on after it had used up its share of the last turn.
    func connectionResumed(_ connection: TCPConnection) {}

    /// What was to be sent after `loop.flushAfterEvent(connection)` can go.
    func connectionTurnEnded(_ connection: TCPConnection) {}
}
