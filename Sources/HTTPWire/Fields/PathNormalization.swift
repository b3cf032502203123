/// How `:path` is put in its normal form before anything matches on it (Istio's meshConfig.pathNormalization). Whoever matches on a
/// path and whoever serves it must read the same one, or a policy for `/admin` does not hold for `/x/%2e./admin`.
///
/// The query is never changed, percent coding is undone once, and `;` has no meaning here: `/a/..;/b` is passed on as it is. What
/// comes out stays as it is when it is put in normal form again.
package enum PathNormalization: String, Hashable, Sendable, CaseIterable {
    /// Nothing is changed.
    case none = "NONE"
    /// `\` becomes `/`, percent-coded letters, digits, `-`, `.`, `_` and `~` are decoded, `.` and `..` are resolved (RFC 3986 section
    /// 6.2.2). Istio's default.
    case base = "BASE"
    /// Besides, several slashes become one.
    case mergeSlashes = "MERGE_SLASHES"
    /// Before all of that, `%2F` and `%5C` are decoded.
    case decodeAndMergeSlashes = "DECODE_AND_MERGE_SLASHES"

    /// What becomes of a path.
    package enum Outcome: Hashable, Sendable {
        case unchanged
        case changed([UInt8])
        /// The request is to be answered with 400: there is a fragment, or `%00`.
        case refused
    }

    /// Looks at one path with its query.
    package func outcome(of path: [UInt8]) -> Outcome { outcome(of: path.span) }

    /// Looks at one path with its query; allocates only for one that changes.
    package func outcome(of path: Span<UInt8>) -> Outcome {
        var end = path.count
        var needsWork = false
        for index in 0..<path.count {
            switch path[index] {
            case 0x23: return .refused
            case 0x3f: end = min(end, index)
            case _ where index > end: break
            case 0x25:
                if Self.coded(path, index, end: path.count) == 0 { return .refused }
                needsWork = true
            case 0x5c: needsWork = true
            case 0x2e where index > 0 && path[index - 1] == 0x2f: needsWork = true
            case 0x2f where index > 0 && path[index - 1] == 0x2f: needsWork = needsWork || self != .base
            default: break
            }
        }
        guard needsWork, self != .none, path.count > 0, path[0] == 0x2f else { return .unchanged }
        var result = resolve(decode(path.extracting(0..<end)))
        result.append(span: path.extracting(end...))
        return result.span.isEqual(to: path) ? .unchanged : .changed(result)
    }

    /// The byte that the percent coding at `index` stands for; nil if it is none.
    private static func coded(_ path: Span<UInt8>, _ index: Int, end: Int) -> UInt8? {
        guard index + 2 < end, let high = HexDigit.value(path[index + 1]), let low = HexDigit.value(path[index + 2])
        else { return nil }
        return high << 4 | low
    }

    private func decode(_ path: Span<UInt8>) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(path.count)
        // The last `%` in `decoded` that begins no coding.
        var bare: Int?
        var index = 0
        while index < path.count {
            var byte = path[index]
            var isDecoded = false
            if byte == 0x25 {
                if let value = Self.coded(path, index, end: path.count) {
                    isDecoded = decodes(value)
                    if isDecoded {
                        byte = value
                        index += 2
                    }
                } else {
                    bare = decoded.count
                }
            }
            decoded.append(byte == 0x5c ? 0x2f : byte)
            index += 1
            // `/%6%31dmin` must not become `/%61dmin`, which the next reader would take for `/admin`: that `%` is written out.
            if isDecoded, let place = bare, decoded.count - place <= 3 {
                decoded.insert(contentsOf: [0x32, 0x35], at: place + 1)
                bare = nil
            }
        }
        return decoded
    }

    private func decodes(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f, 0x7e: true
        case 0x2f, 0x5c: self == .decodeAndMergeSlashes
        default: false
        }
    }

    /// Resolves dot segments (RFC 3986 section 5.2.4) and merges slashes if that is asked for.
    private func resolve(_ path: [UInt8]) -> [UInt8] {
        var segments: [Range<Int>] = []
        var start = 1
        while start <= path.count {
            var end = start
            while end < path.count, path[end] != 0x2f { end += 1 }
            let isLast = end == path.count
            let segment = path[start..<end]
            if segment.elementsEqual([0x2e, 0x2e]) {
                _ = segments.popLast()
                if isLast { segments.append(end..<end) }
            } else if segment.elementsEqual([0x2e]) {
                if isLast { segments.append(end..<end) }
            } else if !segment.isEmpty || isLast || self == .base {
                segments.append(start..<end)
            }
            start = end + 1
        }
        var resolved: [UInt8] = []
        resolved.reserveCapacity(path.count)
        for segment in segments {
            resolved.append(0x2f)
            resolved.append(contentsOf: path[segment])
        }
        return resolved
    }
}

extension HTTPFieldBlock {
    /// Puts `:path` in its normal form; false if the request is to be answered with 400. Without `:path` (CONNECT) nothing is done.
    package mutating func normalizePath(_ normalization: PathNormalization) -> Bool {
        guard let place = firstRange(":path") else { return true }
        switch normalization.outcome(of: storage.span.extracting(place)) {
        case .unchanged: return true
        case .refused: return false
        case .changed(let path):
            var block = HTTPFieldBlock()
            block.storage.reserveCapacity(storage.count)
            forEach { name, value, sensitive in
                if name.equals(":path") {
                    block.append(pseudo: ":path", path.span)
                } else {
                    block.append(name: name, value: value, sensitive: sensitive)
                }
            }
            self = block
            return true
        }
    }
}
