/// Tells address text from names. It does not need the value: modules above have a type for that.
enum HBONEAddressText {
    /// Four decimal numbers up to 255 without leading zeros.
    static func isIPv4(_ bytes: [UInt8]) -> Bool {
        let parts = bytes.split(separator: 0x2e, omittingEmptySubsequences: false)
        guard parts.count == 4 else { return false }
        return parts.allSatisfy { part in
            guard part.count >= 1, part.count <= 3, part.count == 1 || part.first != 0x30 else { return false }
            var number = 0
            for byte in part {
                guard byte >= 0x30, byte <= 0x39 else { return false }
                number = number * 10 + Int(byte - 0x30)
            }
            return number <= 255
        }
    }

    /// The forms of RFC 4291 section 2.2; no zone.
    static func isIPv6(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= 2, bytes.count <= 45 else { return false }
        var groups = 0
        var sawGap = false
        var index = 0
        if bytes[0] == 0x3a {
            guard bytes[1] == 0x3a else { return false }
        }
        while index < bytes.count {
            if bytes[index] == 0x3a {
                index += 1
                if index < bytes.count, bytes[index] == 0x3a {
                    guard !sawGap else { return false }
                    sawGap = true
                    index += 1
                    if index == bytes.count { break }
                    guard bytes[index] != 0x3a else { return false }
                } else if index == bytes.count || groups == 0 {
                    return false
                }
            }
            let start = index
            while index < bytes.count, bytes[index] != 0x3a { index += 1 }
            let group = Array(bytes[start..<index])
            if group.contains(0x2e) {
                guard index == bytes.count, isIPv4(group) else { return false }
                groups += 2
            } else {
                guard group.count >= 1, group.count <= 4, group.allSatisfy({ HexDigit.value($0) != nil }) else {
                    return false
                }
                groups += 1
            }
        }
        return sawGap ? groups < 8 : groups == 8
    }
}
