/// A header's value as a route writes it, cut where Envoy's variables begin and end: `from %REQ(x-user)%, 100%%`. Pure.
package struct ValueText: Sendable, Hashable {
    /// A part of the value.
    package enum Part: Sendable, Hashable {
        /// Bytes as they are; `%%` has become one percent sign.
        case text([UInt8])
        /// What stands between two percent signs.
        case variable(String)
    }

    /// The parts in order.
    package let parts: [Part]

    /// Cuts a value; nil for a percent sign without its pair.
    package init?(_ text: String) {
        var parts: [Part] = []
        var literal: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == 0x25 else {
                literal.append(byte)
                continue
            }
            if rest.first == 0x25 {
                literal.append(0x25)
                rest = rest.dropFirst()
                continue
            }
            guard let end = rest.firstIndex(of: 0x25) else { return nil }
            if !literal.isEmpty { parts.append(.text(literal)) }
            literal = []
            parts.append(.variable(String(decoding: rest[..<end], as: UTF8.self)))
            rest = rest[(end + 1)...]
        }
        if !literal.isEmpty { parts.append(.text(literal)) }
        self.parts = parts
    }

    /// What stands between percent signs and is no variable that is known, in order.
    package var unknownVariables: [String] {
        parts.compactMap { part in
            guard case .variable(let text) = part, ValueVariable(text) == nil else { return nil }
            return text
        }
    }
}
