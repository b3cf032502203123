/// The `forwarded` field of an HBONE request (RFC 7239): for whom, and to which service host.
package struct Forwarded: Hashable, Sendable {
    /// `for`: the client's `ip:port`. Told, not proven: never use it for a decision.
    package var source: String?
    /// `host`: the service that the client addressed.
    package var host: String?

    /// From parts.
    package init(source: String?, host: String?) {
        self.source = source
        self.host = host
    }

    /// Reads the first element of the list; unknown parameters are ignored. nil if it has neither parameter, or is not
    /// ASCII.
    package init?(parsing value: String) {
        guard value.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        for pair in Self.pairs(Array(value.utf8)) {
            switch pair.name {
            case "for": source = source ?? pair.value
            case "host": host = host ?? pair.value
            default: break
            }
        }
        if source == nil, host == nil { return nil }
    }

    /// The parameters of the first element, quotes and their escapes taken away.
    private static func pairs(_ bytes: [UInt8]) -> [(name: String, value: String)] {
        var pairs: [(name: String, value: String)] = []
        var name: [UInt8] = []
        var value: [UInt8] = []
        var inValue = false
        var quoted = false
        var index = 0
        func finish() {
            guard inValue, !value.isEmpty else { return }
            pairs.append((String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self)))
        }
        loop: while index < bytes.count {
            let byte = bytes[index]
            index += 1
            switch byte {
            case 0x5c where quoted && index < bytes.count:
                value.append(bytes[index])
                index += 1
            case 0x22 where inValue: quoted.toggle()
            case _ where quoted: value.append(byte)
            case 0x2c: break loop
            case 0x3b:
                finish()
                name = []
                value = []
                inValue = false
            case 0x3d where !inValue: inValue = true
            case 0x20, 0x09: break
            default:
                if inValue { value.append(byte) } else { name.append(asciiLowercased(byte)) }
            }
        }
        finish()
        return pairs
    }

    /// The field's value as Istio writes it: `for="1.2.3.4:5";host=name`.
    package var value: String {
        var parts: [String] = []
        if let source { parts.append("for=\"\(source)\"") }
        if let host { parts.append("host=\(host)") }
        return parts.joined(separator: ";")
    }
}
