import MeshPolicy

/// A request's head as a list, for tests.
struct Request: RequestFields {
    var fields: [(name: [UInt8], value: [UInt8])]

    init(
        _ path: String = "/", method: String = "GET", authority: String = "reviews", scheme: String = "http",
        _ headers: [(String, String)] = []
    ) {
        let pseudo = [(":method", method), (":scheme", scheme), (":authority", authority), (":path", path)]
        fields = (pseudo + headers).map { (Array($0.0.utf8), Array($0.1.utf8)) }
    }

    func forEachValue(of name: [UInt8], _ body: (Span<UInt8>) -> Void) {
        for field in fields where field.name == name {
            let value = field.value
            body(value.span)
        }
    }
}

extension Request {
    init(_ headers: [(String, String)]) { self.init("/", headers) }

    init(_ path: String, _ headers: [(String, String)]) {
        self.init(path, method: "GET", authority: "reviews", scheme: "http", headers)
    }
}
