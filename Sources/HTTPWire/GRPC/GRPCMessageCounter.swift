/// Counts the gRPC messages in one direction of a stream by their prefixes, without keeping any of them. Pure.
///
/// What is no gRPC is counted as if it were: nothing here may end a stream.
package struct GRPCMessageCounter: Sendable {
    /// Messages that have come whole.
    package private(set) var count: UInt64 = 0
    /// Bytes of the prefix that have come.
    private var prefixCount = 0
    /// The length in the prefix, as far as it has come.
    private var length: UInt32 = 0
    /// Bytes of the message that are to come.
    private var missing: UInt32 = 0

    /// Nothing has come.
    package init() {}

    /// Takes a part of the content, cut anywhere.
    package mutating func receive(_ input: UnsafeRawBufferPointer) {
        // Sound: the span does not outlive the call.
        receive(unsafe Span<UInt8>(_unsafeBytes: input))
    }

    /// Takes a part of the content, cut anywhere.
    package mutating func receive(_ input: Span<UInt8>) {
        var offset = 0
        while offset < input.count {
            guard missing == 0 else {
                let step = min(Int(missing), input.count - offset)
                missing -= UInt32(step)
                offset += step
                if missing == 0 { count &+= 1 }
                continue
            }
            // The first byte says whether the message is compressed; the others are its length.
            if prefixCount > 0 { length = length << 8 | UInt32(input[offset]) }
            prefixCount += 1
            offset += 1
            guard prefixCount == GRPCMessage.prefixLength else { continue }
            missing = length
            (prefixCount, length) = (0, 0)
            if missing == 0 { count &+= 1 }
        }
    }
}
