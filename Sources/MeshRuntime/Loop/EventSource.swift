import LinuxSystem

/// Something that an event loop watches: a base class with empty reactions, so that dispatch is one virtual call.
///
/// Confined to its loop, which holds a reference from `register` to `deregister`.
package class EventSource {
    /// The loop that it lives on.
    package final let loop: EventLoop
    /// Slot and generation while registered; what the kernel hands back with each event.
    final var token: UInt64 = EventSource.unregistered
    /// Already in the loop's list of sources to go on with in the next turn.
    final var isReady = false
    /// Already in the loop's list of sources to flush at the end of this turn.
    final var isDirty = false

    static let unregistered = UInt64.max

    init(loop: EventLoop) {
        self.loop = loop
    }

    /// The kernel reported events.
    func handle(_ events: EpollEvents) {}

    /// The next turn began after `loop.continueNextTurn`.
    func resume() {}

    /// What was to be sent together can go: the turn ends after `loop.flushAtTurnEnd`, the event after `loop.flushAfterEvent`.
    func turnEnded() {}
}
