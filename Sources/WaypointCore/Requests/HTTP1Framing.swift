import HTTPWire
import MeshRuntime

/// Puts content on a connection in the frame that HTTP/1.1 wants around it.
enum HTTP1Framing {
    static func send(_ framing: HTTP1DataFraming, _ bytes: UnsafeRawBufferPointer, to channel: ByteChannel) {
        withUnsafeTemporaryAllocation(byteCount: HTTP1DataFraming.largestOverhead, alignment: 1) { scratch in
            guard let base = scratch.baseAddress else { return }
            // Sound: the scratch has room for the largest prefix and the largest suffix.
            framing.writePrefix(into: base)
            channel.send(UnsafeRawBufferPointer(start: base, count: framing.prefixCount))
            channel.send(UnsafeRawBufferPointer(rebasing: bytes[..<min(framing.payloadCount, bytes.count)]))
            framing.writeSuffix(into: base)
            channel.send(UnsafeRawBufferPointer(start: base, count: framing.suffixCount))
        }
    }
}
