/// Whether a new generation can take over now.
package enum TakeoverVerdict: Hashable, Sendable {
    /// Take over.
    case ready
    /// Look again in a moment; the text says what is missing.
    case wait(String)
    /// Give up.
    case fail(String)
}
