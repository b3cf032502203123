/// The value of a field with Envoy's variables in it: `%REQ(x-a?x-b):8%`, `%DOWNSTREAM_REMOTE_ADDRESS%`; `%%` is a percent
/// sign (I 2.12). Parsed once; most are a plain text.
package struct ValueTemplate: Sendable, Hashable {
    /// Something that is known when the value is made.
    package enum Variable: Sendable, Hashable {
        /// A field of the request, else another; cut to so many bytes.
        case request(name: [UInt8], alternative: [UInt8]?, limit: Int?)
        /// A field of the response, likewise.
        case response(name: [UInt8], alternative: [UInt8]?, limit: Int?)
        /// Anything else, by its name: see `names`.
        case named(String)
    }

    /// A part of the value.
    package enum Part: Sendable, Hashable {
        case text([UInt8])
        case variable(Variable)
    }

    /// Variables without arguments. Whoever makes values gives what they stand for, or nil where there is nothing.
    package static let names: Set<String> = [
        "PROTOCOL", "RESPONSE_CODE", "RESPONSE_FLAGS", "ROUTE_NAME", "HOSTNAME", "UPSTREAM_HOST", "UPSTREAM_CLUSTER",
        "UPSTREAM_REMOTE_ADDRESS", "DOWNSTREAM_REMOTE_ADDRESS", "DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT",
        "DOWNSTREAM_DIRECT_REMOTE_ADDRESS", "DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT", "DOWNSTREAM_LOCAL_ADDRESS",
        "DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT", "DOWNSTREAM_LOCAL_PORT", "DOWNSTREAM_LOCAL_URI_SAN",
        "DOWNSTREAM_PEER_URI_SAN", "REQUESTED_SERVER_NAME", "START_TIME",
    ]

    /// The parts in order.
    package let parts: [Part]

    /// Parses a value; nil for a percent sign that is not doubled, or a variable that is not known.
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
            guard let end = rest.firstIndex(of: 0x25),
                let variable = Self.variable(String(decoding: rest[..<end], as: UTF8.self))
            else { return nil }
            if !literal.isEmpty { parts.append(.text(literal)) }
            literal = []
            parts.append(.variable(variable))
            rest = rest[(end + 1)...]
        }
        if !literal.isEmpty { parts.append(.text(literal)) }
        self.parts = parts
    }

    /// The value; variables that stand for nothing are empty. Envoy leaves out a field whose whole value is empty, and so
    /// should the caller.
    package func value(_ resolve: (Variable) -> [UInt8]?) -> [UInt8] {
        var result: [UInt8] = []
        for part in parts {
            switch part {
            case .text(let bytes): result.append(contentsOf: bytes)
            case .variable(let variable): result.append(contentsOf: resolve(variable) ?? [])
            }
        }
        return result
    }

    /// What a variable about the request's fields stands for.
    package static func field(_ variable: Variable, of request: some RequestFields) -> [UInt8]? {
        guard case .request(let name, let alternative, let limit) = variable else { return nil }
        let value = request.firstValue(of: name) ?? alternative.flatMap { request.firstValue(of: $0) }
        return limit.flatMap { limit in value.map { Array($0.prefix(limit)) } } ?? value
    }

    private static func variable(_ text: String) -> Variable? {
        if names.contains(text) { return .named(text) }
        for (keyword, isRequest) in [("REQ(", true), ("RESP(", false)] where text.hasPrefix(keyword) {
            let inner = text.dropFirst(keyword.count)
            guard let close = inner.lastIndex(of: ")") else { return nil }
            var limit: Int?
            let tail = inner[inner.index(after: close)...]
            if !tail.isEmpty {
                guard tail.first == ":", let number = Int(tail.dropFirst()), number >= 0 else { return nil }
                limit = number
            }
            let fields = inner[..<close].split(separator: "?", omittingEmptySubsequences: false)
            guard let first = fields.first, !first.isEmpty, fields.count <= 2 else { return nil }
            let name = FieldName.canonical(String(first))
            let alternative = fields.count == 2 ? FieldName.canonical(String(fields[1])) : nil
            return isRequest
                ? .request(name: name, alternative: alternative, limit: limit)
                : .response(name: name, alternative: alternative, limit: limit)
        }
        return nil
    }
}
