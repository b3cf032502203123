/// A number as it is written in decimal. Pure.
enum DecimalDigits {
    /// As many as the largest number has.
    static let limit = 20

    /// The digits of `number`: the bytes from `first` on, at least one.
    @inline(__always)
    static func of(_ number: UInt64) -> (bytes: [20 of UInt8], first: Int) {
        var bytes = [20 of UInt8](repeating: 0)
        var first = limit
        var rest = number
        repeat {
            first &-= 1
            bytes[first] = 0x30 &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        return (bytes, first)
    }
}
