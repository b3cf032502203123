package import MeshModel

/// What requests must have alike to go to the same endpoint (I 2.16).
package enum HashKey: Sendable, Hashable {
    case header([UInt8])
    case cookie(HashCookie)
    case sourceAddress
    case queryParameter([UInt8])

    /// The hash of one request, if it has what counts.
    package enum Outcome: Sendable, Hashable {
        case hash(UInt64)
        /// The request has no such cookie: its answer gets this one (`set-cookie`), and the hash is of it.
        case made(UInt64, setting: String)
        /// Any endpoint is as good.
        case none
    }

    /// The key of what a DestinationRule says.
    package init(_ key: DestinationRuleSpec.ConsistentHash.Key) {
        switch key {
        case .header(let name): self = .header(FieldName.canonical(name))
        case .cookie(let cookie): self = .cookie(HashCookie(cookie))
        case .sourceAddress: self = .sourceAddress
        case .queryParameter(let name): self = .queryParameter(Array(name.utf8))
        }
    }

    /// The hash of a request; `random` makes the value of a cookie.
    package func hash(
        _ request: some RequestFields, _ facts: RequestFacts, _ random: inout some RandomNumberGenerator
    ) -> Outcome {
        switch self {
        case .header(let name):
            var hash = ByteHash()
            var count = 0
            request.forEachValue(of: name) { value in
                if count > 0 { hash.add(0x2c) }
                count += 1
                hash.add(value)
            }
            return count > 0 ? .hash(hash.value) : .none
        case .queryParameter(let name):
            var outcome = Outcome.none
            request.forEachValue(of: FieldName.path) { path in
                guard let range = QueryString.firstValue(of: name, in: path) else { return }
                var hash = ByteHash()
                hash.add(path.extracting(range))
                outcome = .hash(hash.value)
            }
            return outcome
        case .sourceAddress:
            guard let address = facts.source?.unmapped else { return .none }
            return .hash(ByteHash.mix(address.high ^ ByteHash.mix(address.low)))
        case .cookie(let cookie):
            if let hash = cookie.hash(request) { return .hash(hash) }
            guard cookie.isMade else { return .none }
            let value = UInt64.random(in: .min ... .max, using: &random)
            let text = String(value, radix: 16)
            return .made(ByteHash.of(text), setting: cookie.field(value: text))
        }
    }
}
