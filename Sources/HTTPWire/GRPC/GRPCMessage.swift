/// The five-byte prefix of gRPC messages: a compression flag, then the length.
package enum GRPCMessage {
    /// Bytes before each message.
    package static let prefixLength = 5

    /// `message` with its prefix, not compressed. A message of 4 GiB or more cannot be framed: nil.
    package static func frame(_ message: [UInt8]) -> [UInt8]? {
        guard let length = UInt32(exactly: message.count) else { return nil }
        var output: [UInt8] = []
        output.reserveCapacity(prefixLength + message.count)
        output.append(0)
        output.appendBigEndian(length)
        output.append(contentsOf: message)
        return output
    }
}
