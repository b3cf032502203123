/// The rules of RFC 9113 sections 8.1 to 8.5 for one header list. Pure; no state.
enum HTTP2MessageRules {
    /// What the stream needs to remember of a request.
    struct Request {
        var isConnect = false
        var isHead = false
        /// -1 if not declared.
        var contentLength: Int64 = -1
        /// Cookie fields, which are joined into one (section 8.2.3).
        var cookies = 0
        /// There is a `host` field, which says the same as `:authority`, or is there in its place (section 8.3.1).
        var hasHost = false
    }

    /// What the stream needs to remember of a response.
    struct Response {
        var status = 0
        /// -1 if not declared.
        var contentLength: Int64 = -1
    }

    /// Pseudo-header fields seen, and where.
    private struct Pseudo {
        var method: Range<Int>?
        var scheme: Range<Int>?
        var authority: Range<Int>?
        var path: Range<Int>?
        var connectProtocol: Range<Int>?
        var status: Range<Int>?
    }

    /// Checks a request; `allowsConnectProtocol` if this side announced RFC 8441.
    static func request(
        _ fields: HTTPFieldBlock, allowsConnectProtocol: Bool
    ) throws(HTTP2MalformedMessage) -> Request {
        let (pseudo, contentLength, host, cookies) = try scan(fields, trailers: false)
        let bytes = fields.storage
        guard pseudo.status == nil else { throw .unexpectedPseudoField }
        guard let method = pseudo.method else { throw .missingPseudoField }
        guard ByteScan.isToken(bytes.span.extracting(method)) else { throw .method }
        var request = Request()
        request.contentLength = contentLength
        request.cookies = cookies
        request.hasHost = host != nil
        request.isConnect = bytes.equals(method, "CONNECT")
        request.isHead = bytes.equals(method, "HEAD")
        if request.isConnect { request.contentLength = -1 }
        if let host, pseudo.authority == nil {
            guard HTTPAuthority.isValid(bytes.span.extracting(host)) else { throw .authority }
        }
        if let authority = pseudo.authority {
            guard authority.isEmpty || HTTPAuthority.isValid(bytes.span.extracting(authority)) else { throw .authority }
            if let host,
                !bytes[authority].elementsEqual(bytes[host], by: { asciiLowercased($0) == asciiLowercased($1) })
            {
                throw .authority
            }
        }
        if request.isConnect, pseudo.connectProtocol == nil {
            guard pseudo.scheme == nil, pseudo.path == nil else { throw .unexpectedPseudoField }
            guard let authority = pseudo.authority else { throw .missingPseudoField }
            guard !authority.isEmpty else { throw .authority }
            return request
        }
        if let connectProtocol = pseudo.connectProtocol {
            guard request.isConnect, allowsConnectProtocol, !connectProtocol.isEmpty else {
                throw .unexpectedPseudoField
            }
            guard pseudo.authority != nil else { throw .missingPseudoField }
        }
        guard let scheme = pseudo.scheme, let path = pseudo.path else { throw .missingPseudoField }
        // What no request line of HTTP/1.1 could carry, and a fragment, which belongs into none (RFC 9112 section 3.2).
        guard ByteScan.isVisible(bytes.span.extracting(path)), !bytes[path].contains(0x23) else { throw .path }
        // Of another scheme `:path` could be anything: `http://web/admin`, which no route for /admin matches.
        guard bytes.equals(scheme, "http") || bytes.equals(scheme, "https") else { throw .scheme }
        let isAsterisk = bytes.equals(method, "OPTIONS") && bytes.equals(path, "*")
        guard bytes[path].first == 0x2f || isAsterisk else { throw .path }
        if let authority = pseudo.authority, authority.isEmpty { throw .authority }
        return request
    }

    /// Checks an interim or final response.
    static func response(_ fields: HTTPFieldBlock) throws(HTTP2MalformedMessage) -> Response {
        let (pseudo, contentLength, _, _) = try scan(fields, trailers: false)
        guard
            pseudo.method == nil, pseudo.scheme == nil, pseudo.authority == nil, pseudo.path == nil,
            pseudo.connectProtocol == nil
        else { throw .unexpectedPseudoField }
        guard pseudo.status != nil else { throw .missingPseudoField }
        guard let status = fields.status, status >= 100, status != 101 else { throw .status }
        return Response(status: status, contentLength: contentLength)
    }

    /// Checks trailers.
    static func trailers(_ fields: HTTPFieldBlock) throws(HTTP2MalformedMessage) {
        _ = try scan(fields, trailers: true)
    }

    /// One pass over the list: the form of each field, and the places of those that matter.
    private static func scan(
        _ fields: HTTPFieldBlock, trailers: Bool
    ) throws(HTTP2MalformedMessage) -> (Pseudo, contentLength: Int64, host: Range<Int>?, cookies: Int) {
        let bytes = fields.storage.span
        var pseudo = Pseudo()
        var contentLength: Int64 = -1
        var host: Range<Int>?
        var cookies = 0
        var sawField = false
        var cursor = 0
        while let field = fields.record(at: cursor) {
            cursor = field.value.upperBound
            let name = bytes.extracting(field.name)
            let value = bytes.extracting(field.value)
            try checkValue(value)
            guard name.count > 0 else { throw .fieldName }
            if name[0] == 0x3a {
                guard !trailers else { throw .unexpectedPseudoField }
                guard !sawField else { throw .pseudoFieldAfterField }
                try record(name, field.value, in: &pseudo)
                continue
            }
            sawField = true
            try checkName(name)
            switch name.count {
            case 2 where name.equals("te"):
                guard value.equals("trailers") else { throw .connectionSpecificField }
            case 4 where name.equals("host") && !trailers:
                guard host == nil else { throw .authority }
                host = field.value
            case 6 where name.equals("cookie"): cookies += 1
            case 7 where name.equals("upgrade"), 10 where name.equals("connection") || name.equals("keep-alive"),
                16 where name.equals("proxy-connection"), 17 where name.equals("transfer-encoding"):
                throw .connectionSpecificField
            case 14 where name.equals("content-length") && !trailers:
                guard contentLength < 0, let length = decimal(value) else { throw .contentLength }
                contentLength = length
            default: break
            }
        }
        return (pseudo, contentLength, host, cookies)
    }

    private static func record(
        _ name: Span<UInt8>, _ value: Range<Int>, in pseudo: inout Pseudo
    ) throws(HTTP2MalformedMessage) {
        if name.equals(":method") {
            try assign(value, to: &pseudo.method)
        } else if name.equals(":authority") {
            try assign(value, to: &pseudo.authority)
        } else if name.equals(":path") {
            try assign(value, to: &pseudo.path)
        } else if name.equals(":scheme") {
            try assign(value, to: &pseudo.scheme)
        } else if name.equals(":status") {
            try assign(value, to: &pseudo.status)
        } else if name.equals(":protocol") {
            try assign(value, to: &pseudo.connectProtocol)
        } else {
            throw .unexpectedPseudoField
        }
    }

    private static func assign(_ value: Range<Int>, to place: inout Range<Int>?) throws(HTTP2MalformedMessage) {
        guard place == nil else { throw .duplicatePseudoField }
        place = value
    }

    private static func checkName(_ name: Span<UInt8>) throws(HTTP2MalformedMessage) {
        for index in 0..<name.count {
            let byte = name[index]
            guard ByteScan.isToken(byte), byte < 0x41 || byte > 0x5a else { throw .fieldName }
        }
    }

    private static func checkValue(_ value: Span<UInt8>) throws(HTTP2MalformedMessage) {
        guard value.count > 0 else { return }
        guard !isWhiteSpace(value[0]), !isWhiteSpace(value[value.count - 1]) else { throw .fieldValue }
        // NUL, CR and LF (section 8.2.1), and the other control characters that no field has (RFC 9110 section 5.5): HTTP/1.1 could
        // not carry them on.
        guard ByteScan.isFieldText(value) else { throw .fieldValue }
    }

    private static func isWhiteSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09
    }

    /// One or more digits, at most 18 of them.
    static func decimal(_ bytes: Span<UInt8>) -> Int64? {
        guard bytes.count > 0, bytes.count <= 18 else { return nil }
        var number: Int64 = 0
        for index in 0..<bytes.count {
            let byte = bytes[index]
            guard byte >= 0x30, byte <= 0x39 else { return nil }
            number = number * 10 + Int64(byte - 0x30)
        }
        return number
    }
}
