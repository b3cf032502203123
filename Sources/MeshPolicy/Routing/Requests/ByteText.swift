/// Texts of requests as bytes: comparisons and hashes without a String.
extension UInt8 {
    /// The byte with A-Z as a-z.
    var asciiLowercased: UInt8 { self >= 0x41 && self <= 0x5a ? self | 0x20 : self }
}

extension Span<UInt8> {
    /// A copy.
    package var bytes: [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(count)
        for index in indices { result.append(self[index]) }
        return result
    }

    /// Whether it begins with `prefix`; with `foldingCase`, `prefix` must be in lower case.
    func starts(with prefix: [UInt8], foldingCase: Bool = false) -> Bool {
        guard count >= prefix.count else { return false }
        for index in prefix.indices {
            let byte = foldingCase ? self[index].asciiLowercased : self[index]
            if byte != prefix[index] { return false }
        }
        return true
    }

    /// Whether it is `other`; with `foldingCase`, `other` must be in lower case.
    func equals(_ other: [UInt8], foldingCase: Bool = false) -> Bool {
        count == other.count && starts(with: other, foldingCase: foldingCase)
    }

    /// Where the path ends and the query or fragment begins.
    var pathLength: Int {
        for index in indices where self[index] == 0x3f || self[index] == 0x23 { return index }
        return count
    }
}
