/// What nft or the kernel refused, in words for an administrator.
///
/// Thrown by every operation of this module. `operation` says what was tried, `reason` what came back (nft's own
/// text, or the kernel's errno name with its extended acknowledgement).
package struct NetfilterError: Error, Equatable, CustomStringConvertible {
    /// What was tried, for example "load the capture rules".
    package let operation: String
    /// What came back.
    package let reason: String
    /// The kernel's error number, 0 when the refusal did not come from the kernel.
    package let number: Int32

    /// An error of `operation`, because of `reason`.
    package init(operation: String, reason: String, number: Int32 = 0) {
        self.operation = operation
        self.reason = reason
        self.number = number
    }

    /// "cannot <operation>: <reason>".
    package var description: String { "cannot \(operation): \(reason)" }
}
