/// Parameters of a path's query. Pure; names and values are compared as they are written, not decoded (I 2.2).
enum QueryString {
    /// Where the first value of the parameter `name` is in `path`; empty where it has no `=`; nil where it is not there.
    static func firstValue(of name: [UInt8], in path: Span<UInt8>) -> Range<Int>? {
        var cursor = path.pathLength
        guard cursor < path.count, path[cursor] == 0x3f else { return nil }
        cursor += 1
        while cursor <= path.count {
            var end = cursor
            var equals: Int?
            while end < path.count, path[end] != 0x26, path[end] != 0x23 {
                if path[end] == 0x3d, equals == nil { equals = end }
                end += 1
            }
            let nameEnd = equals ?? end
            if end > cursor, path.extracting(cursor..<nameEnd).equals(name) {
                return equals.map { $0 + 1..<end } ?? end..<end
            }
            guard end < path.count, path[end] == 0x26 else { return nil }
            cursor = end + 1
        }
        return nil
    }
}
