import MeshModel

/// The value of a field with Envoy's variables in it: `%REQ(x-a?x-b):8%`, `%DOWNSTREAM_REMOTE_ADDRESS%`; `%%` is a percent
/// sign (I 2.12). Parsed once; most are a plain text.
package struct ValueTemplate: Sendable, Hashable {
    /// Something that is known when the value is made.
    package enum Variable: Sendable, Hashable {
        /// A field of the request, else another; cut to so many bytes.
        case request(name: [UInt8], alternative: [UInt8]?, limit: Int?)
        /// A field of the response, likewise.
        case response(name: [UInt8], alternative: [UInt8]?, limit: Int?)
        /// Anything else, by its name: see `ValueVariable.names`. Whoever makes values gives what it stands for, or nil where there is nothing.
        case named(String)
    }

    /// A part of the value.
    package enum Part: Sendable, Hashable {
        case text([UInt8])
        case variable(Variable)
    }

    /// The parts in order.
    package let parts: [Part]

    /// Parses a value; nil for a percent sign that is not doubled, or a variable that is not known.
    package init?(_ text: String) {
        guard let written = ValueText(text) else { return nil }
        var parts: [Part] = []
        for part in written.parts {
            switch part {
            case .text(let bytes): parts.append(.text(bytes))
            case .variable(let text):
                guard let variable = ValueVariable(text) else { return nil }
                parts.append(.variable(Self.variable(variable)))
            }
        }
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

    private static func variable(_ variable: ValueVariable) -> Variable {
        switch variable {
        case .named(let name): return .named(name)
        case .request(let header):
            return .request(
                name: FieldName.canonical(header.name), alternative: header.alternative.map(FieldName.canonical),
                limit: header.limit)
        case .response(let header):
            return .response(
                name: FieldName.canonical(header.name), alternative: header.alternative.map(FieldName.canonical),
                limit: header.limit)
        }
    }
}
