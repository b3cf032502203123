/// Room for the reason that the library writes where it refuses something.
struct ReasonText {
    private static let capacity = 256
    private var bytes = [CChar](repeating: 0, count: capacity)

    /// Calls `body` with the room and its size, and returns what it returns.
    mutating func fill<Result>(_ body: (UnsafeMutablePointer<CChar>?, Int) -> Result) -> Result {
        // Sound: the library writes at most `count` bytes, during the call only.
        unsafe bytes.withUnsafeMutableBufferPointer { unsafe body($0.baseAddress, $0.count) }
    }

    /// What was written, up to its zero.
    var text: String {
        String(decoding: bytes.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
