extension SocketAddress: CustomStringConvertible {
    /// "1.2.3.4:80" or "[2001:db8::1]:80".
    package var description: String {
        isIPv4 ? "\(ipText):\(port)" : "[\(ipText)]:\(port)"
    }

    /// The address without the port; IPv6 in the form of RFC 5952.
    package var ipText: String {
        guard !isIPv4 else {
            return "\(low >> 24 & 0xff).\(low >> 16 & 0xff).\(low >> 8 & 0xff).\(low & 0xff)"
        }
        let groups = (0..<8).map { index -> UInt64 in
            index < 4 ? high >> (48 - 16 * index) & 0xffff : low >> (48 - 16 * (index - 4)) & 0xffff
        }
        // RFC 5952 section 4.2: the longest run of two or more zero groups is left out, the first of equals.
        var longest = 0..<0
        var start = 0
        while start < 8 {
            var end = start
            while end < 8, groups[end] == 0 { end += 1 }
            if end - start > max(longest.count, 1) { longest = start..<end }
            start = max(end, start + 1)
        }
        let text = { (range: Range<Int>) in
            groups[range].map { String($0, radix: 16) }.joined(separator: ":")
        }
        let body =
            longest.isEmpty ? text(0..<8) : text(0..<longest.lowerBound) + "::" + text(longest.upperBound..<8)
        return scope == 0 ? body : "\(body)%\(scope)"
    }
}
