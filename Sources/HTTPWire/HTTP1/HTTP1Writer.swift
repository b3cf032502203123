/// Serializes HTTP/1.1 messages. Refuses what would not be read back as the same message. No state.
package enum HTTP1Writer {
    /// The head of a response. With `keepAlive` false the client is told that the connection closes.
    package static func responseHead(
        status: Int, fields: HTTPFieldBlock, framing: HTTP1Framing, keepAlive: Bool
    ) throws(HTTP1WriteError) -> [UInt8] {
        guard status >= 100, status <= 999 else { throw .startLine }
        var output = Array("HTTP/1.1 \(status) \(reason(status))\r\n".utf8)
        try append(fields, framing: framing, keepAlive: keepAlive, to: &output)
        return output
    }

    /// The head of a request; `fields` has Host.
    package static func requestHead(
        method: String, target: String, fields: HTTPFieldBlock, framing: HTTP1Framing, keepAlive: Bool
    ) throws(HTTP1WriteError) -> [UInt8] {
        guard !method.isEmpty, method.utf8.allSatisfy(HTTP2MessageRules.isTokenCharacter), !target.isEmpty,
            target.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
        else { throw .startLine }
        var output = Array("\(method) \(target) HTTP/1.1\r\n".utf8)
        try append(fields, framing: framing, keepAlive: keepAlive, to: &output)
        return output
    }

    /// One chunk; nothing for no bytes, since an empty chunk would end the content.
    package static func chunk(_ bytes: [UInt8]) -> [UInt8] {
        guard !bytes.isEmpty else { return [] }
        return Array(String(bytes.count, radix: 16).utf8) + [0x0d, 0x0a] + bytes + [0x0d, 0x0a]
    }

    /// The end of chunked content.
    package static func lastChunk(trailers: HTTPFieldBlock = HTTPFieldBlock()) throws(HTTP1WriteError) -> [UInt8] {
        var output: [UInt8] = [0x30, 0x0d, 0x0a]
        try append(trailers, to: &output)
        output.append(contentsOf: [0x0d, 0x0a])
        return output
    }

    private static func append(
        _ fields: HTTPFieldBlock, framing: HTTP1Framing, keepAlive: Bool, to output: inout [UInt8]
    ) throws(HTTP1WriteError) {
        try append(fields, to: &output)
        switch framing {
        case .none: break
        case .length(let length): output.append(contentsOf: "content-length: \(length)\r\n".utf8)
        case .chunked: output.append(contentsOf: "transfer-encoding: chunked\r\n".utf8)
        }
        if !keepAlive { output.append(contentsOf: "connection: close\r\n".utf8) }
        output.append(contentsOf: [0x0d, 0x0a])
    }

    private static func append(_ fields: HTTPFieldBlock, to output: inout [UInt8]) throws(HTTP1WriteError) {
        for (name, value) in fields.fields {
            guard !["content-length", "transfer-encoding", "connection"].contains(name) else {
                throw .reservedField(name: name)
            }
            guard !name.isEmpty, name.utf8.allSatisfy(HTTP2MessageRules.isTokenCharacter),
                value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 })
            else { throw .field(name: name) }
            output.append(contentsOf: "\(name): \(value)\r\n".utf8)
        }
    }

    /// The phrase of RFC 9110 section 15 for the statuses that the node programs answer.
    private static func reason(_ status: Int) -> String {
        switch status {
        case 100: "Continue"
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 301: "Moved Permanently"
        case 304: "Not Modified"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 422: "Unprocessable Content"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 503: "Service Unavailable"
        case 505: "HTTP Version Not Supported"
        default: ""
        }
    }
}
