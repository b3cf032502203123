/// Names a scheduled timer. Stale values are harmless: cancelling a timer that has fired does nothing.
package struct TimerID: Hashable, Sendable {
    let slot: Int32
    let generation: UInt32
}
