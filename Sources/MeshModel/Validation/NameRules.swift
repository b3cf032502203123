/// The forms of names (RFC 1035, RFC 1123, Kubernetes' labels). Pure; each returns what is wrong, or nil.
package enum NameRules {
    /// The longest label of a DNS name.
    package static let longestLabel = 63
    /// The longest DNS name.
    package static let longestName = 253

    /// A DNS label of lower-case letters, digits and hyphens.
    package static func label(_ text: String) -> String? { label(text, "lower-case letters", isLower) }

    /// The same with letters of either case, as Istio takes the names of subsets and of a ServiceEntry's ports.
    package static func anyCaseLabel(_ text: String) -> String? {
        label(text, "letters") { isLower($0) || isUpper($0) }
    }

    private static func label(_ text: String, _ letters: String, _ isLetter: (UInt8) -> Bool) -> String? {
        let bytes = Array(text.utf8)
        guard !bytes.isEmpty else { return "is empty" }
        guard bytes.count <= longestLabel else { return "is longer than \(longestLabel) characters" }
        guard bytes.allSatisfy({ isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "-") }) else {
            return "may hold only \(letters), digits and '-'"
        }
        guard bytes.first != UInt8(ascii: "-"), bytes.last != UInt8(ascii: "-") else {
            return "must begin and end with a letter or digit"
        }
        return nil
    }

    /// A label that begins with a letter, as names of Services do.
    package static func letterLabel(_ text: String) -> String? {
        if let problem = label(text) { return problem }
        return text.utf8.first.map(isLower) == true ? nil : "must begin with a letter"
    }

    /// Labels joined by dots, as most names are.
    package static func subdomain(_ text: String) -> String? {
        guard !text.isEmpty else { return "is empty" }
        guard text.utf8.count <= longestName else { return "is longer than \(longestName) characters" }
        for part in text.split(separator: ".", omittingEmptySubsequences: false) {
            // A subdomain as Kubernetes defines it has no bound of its own for a label.
            if part.utf8.count > longestLabel {
                return label(String(part.prefix(longestLabel - 1)) + "a") ?? nil
            }
            if let problem = label(String(part)) {
                return problem == "is empty" ? "has an empty part between dots" : problem
            }
        }
        return nil
    }

    /// A host name: labels of any case, `_` allowed, the last one not all digits; `*.` in front where `allowsWildcard`.
    package static func host(_ text: String, allowsWildcard: Bool) -> String? {
        var name = Substring(text)
        guard name.utf8.count <= 255 else { return "is longer than 255 characters" }
        if name.hasPrefix("*.") {
            guard allowsWildcard else { return "may not be a wildcard here" }
            name = name.dropFirst(2)
        }
        if name.contains("*") { return "may have '*' only as its whole first part" }
        if name.hasSuffix(".") { name = name.dropLast() }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        for part in parts {
            let bytes = Array(part.utf8)
            guard !bytes.isEmpty else { return "has an empty part between dots" }
            guard bytes.count <= longestLabel else { return "has a part longer than \(longestLabel) characters" }
            guard
                bytes.allSatisfy({
                    isLower($0) || isUpper($0) || isDigit($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
                })
            else { return "may hold only letters, digits, '-' and '.'" }
            guard bytes.first != UInt8(ascii: "-"), bytes.last != UInt8(ascii: "-") else {
                return "has a part that begins or ends with '-'"
            }
        }
        if let last = parts.last, last.utf8.allSatisfy(isDigit) { return "ends with a number, which no DNS name does" }
        return nil
    }

    /// Whether all characters are those of a token (RFC 9110 section 5.6.2), as names of header fields are.
    package static func isOfToken(_ text: some StringProtocol) -> Bool {
        text.utf8.allSatisfy { isAlphanumeric($0) || tokenMarks.utf8.contains($0) }
    }

    /// What a token may hold besides letters and digits.
    package static let tokenMarks = "!#$%&'*+-.^_`|~"

    /// The key of a label or annotation: `name` or `prefix/name`.
    package static func key(_ text: String) -> String? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2 else { return "may hold one '/' only" }
        if parts.count == 2, let problem = subdomain(String(parts[0])) { return "has a prefix that \(problem)" }
        guard let name = parts.last, !name.isEmpty else { return "has an empty name" }
        return qualifiedName(name)
    }

    /// The value of a label.
    package static func labelValue(_ text: String) -> String? {
        text.isEmpty ? nil : qualifiedName(Substring(text))
    }

    private static func qualifiedName(_ name: Substring) -> String? {
        let bytes = Array(name.utf8)
        guard bytes.count <= longestLabel else { return "is longer than \(longestLabel) characters" }
        guard let first = bytes.first, let last = bytes.last, isAlphanumeric(first), isAlphanumeric(last) else {
            return "must begin and end with a letter or digit"
        }
        let isPlain = bytes.allSatisfy {
            isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".")
        }
        return isPlain ? nil : "may hold only letters, digits, '-', '_' and '.'"
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool { isLower(byte) || isUpper(byte) || isDigit(byte) }
    private static func isLower(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
    private static func isUpper(_ byte: UInt8) -> Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) }
    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
