import MeshModel

/// A cookie that requests are hashed by, and that is made where it is missing and a lifetime is written.
package struct HashCookie: Sendable, Hashable {
    private let name: [UInt8]
    private let spec: DestinationRuleSpec.ConsistentHash.Cookie

    init(_ cookie: DestinationRuleSpec.ConsistentHash.Cookie) {
        name = Array(cookie.name.utf8)
        spec = cookie
    }

    /// Whether one is made where it is missing.
    var isMade: Bool { spec.ttl != nil }

    /// The value of `set-cookie` for one that is made.
    func field(value: String) -> String {
        var text = "\(spec.name)=\(value)"
        if let seconds = spec.ttl?.components.seconds, seconds > 0 { text += "; Max-Age=\(seconds)" }
        if !spec.path.isEmpty { text += "; Path=\(spec.path)" }
        for attribute in spec.attributes {
            text += attribute.value.isEmpty ? "; \(attribute.name)" : "; \(attribute.name)=\(attribute.value)"
        }
        return text + "; HttpOnly"
    }

    /// The hash of the request's cookie of the name; nil where it has none.
    func hash(_ request: some RequestFields) -> UInt64? {
        var found: UInt64?
        request.forEachValue(of: FieldName.cookie) { value in
            guard found == nil else { return }
            found = hash(in: value)
        }
        return found
    }

    /// The hash of the cookie in a list `a=1; b=2`.
    private func hash(in value: Span<UInt8>) -> UInt64? {
        var start = 0
        while start < value.count {
            while start < value.count, value[start] == 0x20 || value[start] == 0x3b { start += 1 }
            var end = start
            while end < value.count, value[end] != 0x3b { end += 1 }
            let pair = value.extracting(start..<end)
            if pair.count > name.count, pair.starts(with: name), pair[name.count] == 0x3d {
                var low = name.count + 1
                var high = pair.count
                if high - low >= 2, pair[low] == 0x22, pair[high - 1] == 0x22 {
                    low += 1
                    high -= 1
                }
                var hash = ByteHash()
                hash.add(pair.extracting(low..<high))
                return hash.value
            }
            start = end + 1
        }
        return nil
    }
}
