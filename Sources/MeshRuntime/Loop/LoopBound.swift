/// Carries a value that belongs to one loop through a `@Sendable` closure back to that loop.
///
/// `value` may be touched only on the loop that the value came from; whoever wraps it answers for that.
package struct LoopBound<Value>: @unchecked Sendable {
    // Unchecked: the value crosses threads unread and is used on its own loop only.
    package let value: Value

    /// Wraps a value of the current loop.
    package init(_ value: Value) {
        self.value = value
    }
}
