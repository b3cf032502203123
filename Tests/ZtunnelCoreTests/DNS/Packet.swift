import MeshModel
import NodeCore

/// Messages written by hand, without the code under test.
enum Packet {
    static func name(_ text: String) -> [UInt8] {
        text.split(separator: ".").flatMap { [UInt8(truncatingIfNeeded: $0.utf8.count)] + Array($0.utf8) } + [0]
    }

    static func two(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(truncatingIfNeeded: value)] }

    static func query(
        _ text: String, type: UInt16 = 1, recordClass: UInt16 = 1, id: UInt16 = 0x1234, payload: UInt16? = nil,
        version: UInt8 = 0, flags: UInt16 = 0x0100
    ) -> [UInt8] {
        var bytes = two(id) + two(flags) + two(1) + two(0) + two(0) + two(payload == nil ? 0 : 1)
        bytes += name(text) + two(type) + two(recordClass)
        if let payload { bytes += [0] + two(41) + two(payload) + [0, version, 0, 0, 0, 0] }
        return bytes
    }
}

/// An answer, read by hand.
struct Reading: Equatable {
    var id: UInt16 = 0
    var flags: UInt16 = 0
    var question = ""
    /// "owner TYPE data ttl"
    var answers: [String] = []
    var payload: UInt16?
    var extendedCode: UInt8 = 0

    var code: UInt16 { flags & 0xf }
    var isTruncated: Bool { flags & 0x0200 != 0 }
    /// The data alone.
    var values: [String] { answers.map { String($0.split(separator: " ")[2]) } }

    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 12 else { return nil }
        func two(_ offset: Int) -> UInt16 { UInt16(bytes[offset]) << 8 | UInt16(bytes[offset + 1]) }
        func name(_ start: Int) -> (String, Int)? {
            var labels: [String] = []
            var position = start
            var end: Int?
            for _ in 0..<300 {
                guard position < bytes.count else { return nil }
                let head = Int(bytes[position])
                if head == 0 { return (labels.joined(separator: "."), end ?? position + 1) }
                if head >= 0xc0 {
                    end = end ?? position + 2
                    position = (head & 0x3f) << 8 | Int(bytes[position + 1])
                    continue
                }
                labels.append(String(decoding: bytes[(position + 1)..<(position + 1 + head)], as: UTF8.self))
                position += 1 + head
            }
            return nil
        }
        id = two(0)
        flags = two(2)
        var position = 12
        for _ in 0..<two(4) {
            guard let (text, end) = name(position) else { return nil }
            question = "\(text) \(two(end)) \(two(end + 2))"
            position = end + 4
        }
        for _ in 0..<(two(6) + two(8) + two(10)) {
            guard let (owner, end) = name(position) else { return nil }
            let type = two(end)
            let length = Int(two(end + 8))
            let data = Array(bytes[(end + 10)..<(end + 10 + length)])
            if type == 41 {
                payload = two(end + 2)
                extendedCode = bytes[end + 4]
            } else {
                let text = type == 5 ? name(end + 10)?.0 : IPAddress(bytes: data)?.description
                answers.append(
                    "\(owner) \(type == 1 ? "A" : type == 28 ? "AAAA" : "CNAME") \(text ?? "?") \(Int(two(end + 4)) << 16 | Int(two(end + 6)))"
                )
            }
            position = end + 10 + length
        }
        guard position == bytes.count else { return nil }
    }
}
