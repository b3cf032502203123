import MeshModel

/// Writes one protobuf message, field by field; messages in it as closures. Protocol Buffers encoding.
struct ProtobufWriter {
    private(set) var bytes: [UInt8] = []

    /// A string; nothing for what is none.
    mutating func text(_ number: Int, _ value: JSONValue?) {
        guard let text = value?.asString else { return }
        field(number, Array(text.utf8))
    }

    /// A double; nothing for what is no number.
    mutating func number(_ number: Int, _ value: JSONValue?) {
        guard let value = value?.asInt else { return }
        varint(UInt64(number) << 3 | 1)
        withUnsafeBytes(of: Double(value).bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// A boolean that is true.
    mutating func flag(_ number: Int) {
        varint(UInt64(number) << 3)
        varint(1)
    }

    /// A message, also an empty one.
    mutating func message(_ number: Int, _ write: (inout ProtobufWriter) -> Void) {
        var inner = ProtobufWriter()
        write(&inner)
        field(number, inner.bytes)
    }

    private mutating func field(_ number: Int, _ content: [UInt8]) {
        varint(UInt64(number) << 3 | 2)
        varint(UInt64(content.count))
        bytes += content
    }

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
