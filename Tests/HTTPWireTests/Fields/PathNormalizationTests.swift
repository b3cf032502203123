import HTTPWire
import Testing

@Suite struct PathNormalizationTests {
    /// A path, and what becomes of it with BASE, MERGE_SLASHES and DECODE_AND_MERGE_SLASHES; nil is 400.
    struct Row: Sendable, CustomTestStringConvertible {
        var path: String
        var expected: [String?]
        var testDescription: String { path }

        init(_ path: String, _ base: String?, merged: String? = nil, decoded: String? = nil) {
            self.path = path
            expected = [base, merged ?? base, decoded ?? merged ?? base]
        }
    }

    static let rows: [Row] = [
        Row("/", "/"), Row("/a/b.c", "/a/b.c"), Row("/.well-known/x", "/.well-known/x"), Row("/a..b", "/a..b"),
        Row("/...", "/..."),
        Row("/a/../b", "/b"), Row("/a/./b", "/a/b"), Row("/a/..", "/"), Row("/a/.", "/a/"), Row("/..", "/"),
        Row("/../../etc/passwd", "/etc/passwd"), Row("/public/./data/abc/../xyz", "/public/data/xyz"),
        Row("/a/%2e%2E/b", "/b"), Row("/a/.%2e/b", "/b"), Row("/%2e/b", "/b"), Row("/%61%62%63", "/abc"),
        Row("/%41%2d%5f%7E%30", "/A-_~0"), Row("/a%20b", "/a%20b"), Row("/a%3fb", "/a%3fb"), Row("/a%23b", "/a%23b"),
        Row("/a%25%32%65", "/a%252e"), Row("/a/%252e%252e/b", "/a/%252e%252e/b"),
        Row("/%6%31dmin", "/%2561dmin"), Row("/%%361dmin", "/%2561dmin"), Row("/x/%2%65./y", "/x/%252e./y"),
        Row("/a%2%46b", "/a%252Fb"), Row("/%0%30", "/%2500"), Row("/%6x%31", "/%6x1"),
        Row("/a%2", "/a%2"), Row("/a%zz", "/a%zz"), Row("/a%", "/a%"),
        Row("/some\\data", "/some/data"), Row("/a\\..\\b", "/b"),
        Row("//", "//", merged: "/"), Row("/a//b", "/a//b", merged: "/a/b"), Row("//a", "//a", merged: "/a"),
        Row("/some//data///abc", "/some//data///abc", merged: "/some/data/abc"), Row("/a//", "/a//", merged: "/a/"),
        Row("/a//../b", "/a/b", merged: "/b"),
        Row("/a%2fb", "/a%2fb", decoded: "/a/b"), Row("/a%5Cb", "/a%5Cb", decoded: "/a/b"),
        Row("/a/..%2fb", "/a/..%2fb", decoded: "/b"),
        Row("/some%2fdata/%61%62%63", "/some%2fdata/abc", decoded: "/some/data/abc"),
        Row("/a/..;/b", "/a/..;/b"), Row("/a;x=1/b", "/a;x=1/b"), Row("/a/%2e%2e;/b", "/a/..;/b"),
        Row("/a/../b?c=/../d//%2e", "/b?c=/../d//%2e"), Row("/a?/../b", "/a?/../b"), Row("/a?%00", "/a?%00"),
        Row("*", "*"), Row("/a%00", nil), Row("/a#b", nil), Row("/a?b#c", nil),
    ]

    private func apply(_ mode: PathNormalization, _ path: String) -> String? {
        var block = HTTPFieldBlock.request(method: "GET", scheme: "http", authority: "a", path: path)
        block.append(name: "x", value: "y")
        guard block.normalizePath(mode) else { return nil }
        #expect(block.fields.map(\.name) == [":method", ":scheme", ":authority", ":path", "x"])
        return block.path
    }

    @Test("each mode", arguments: rows)
    func modes(_ row: Row) {
        for (mode, expected) in zip([PathNormalization.base, .mergeSlashes, .decodeAndMergeSlashes], row.expected) {
            let once = apply(mode, row.path)
            #expect(once == expected, "\(mode.rawValue)")
            if let once { #expect(apply(mode, once) == once, "a normal form is normal") }
        }
        #expect(
            apply(.none, row.path) == (row.expected[0] == nil ? nil : row.path), "NONE refuses, and changes nothing")
    }

    @Test("a tunnel has no path")
    func tunnel() {
        var block = HTTPFieldBlock.connect(authority: "a:1")
        #expect(block.normalizePath(.base) && block == .connect(authority: "a:1"))
    }
}
