/// A request's head as routes look at it: borrowed access to its fields, so that whoever holds them copies nothing.
///
/// Fields have HTTP/2's form: names in lower case, `:method`, `:scheme`, `:authority` and `:path` among them. What decides
/// by it allocates nothing for a field that occurs once.
package protocol RequestFields {
    /// Calls `body` with the value of each field called `name` (lower case), in order. The span is valid during the call.
    func forEachValue(of name: [UInt8], _ body: (Span<UInt8>) -> Void)
}

extension RequestFields {
    /// The first value of a field as bytes of its own; nil where there is none.
    package func firstValue(of name: [UInt8]) -> [UInt8]? {
        var found: [UInt8]?
        forEachValue(of: name) { value in
            if found == nil { found = value.bytes }
        }
        return found
    }

    /// Whether there is a field of the name.
    package func has(_ name: [UInt8]) -> Bool {
        var found = false
        forEachValue(of: name) { _ in found = true }
        return found
    }
}
