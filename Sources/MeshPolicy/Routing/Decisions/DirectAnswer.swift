/// An answer without asking any service (I 2.6).
package struct DirectAnswer: Sendable {
    /// 200...599.
    package let status: Int
    /// Empty for none.
    package let body: [UInt8]
}
