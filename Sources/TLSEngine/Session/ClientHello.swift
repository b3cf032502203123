internal import COpenSSL

/// What the server reads from a ClientHello before OpenSSL does.
enum ClientHello {
    /// The host name of the server_name extension (RFC 6066 section 3), lower case; nil if there is none or it is malformed.
    static func serverName(_ ssl: OpaquePointer) -> String? {
        var data: UnsafePointer<UInt8>?
        var length = 0
        guard unsafe SSL_client_hello_get0_ext(ssl, UInt32(TLSEXT_TYPE_server_name), &data, &length) == 1 else {
            return nil
        }
        // Sound: OpenSSL keeps the extension for the length of the callback; every index is checked against the count.
        return unsafe parse(UnsafeBufferPointer(start: data, count: length))
    }

    /// What the client offers in ALPN (RFC 7301), its best first; empty if there is nothing or it is malformed.
    static func protocols(_ ssl: OpaquePointer) -> [String] {
        var data: UnsafePointer<UInt8>?
        var length = 0
        let kind = UInt32(TLSEXT_TYPE_application_layer_protocol_negotiation)
        guard unsafe SSL_client_hello_get0_ext(ssl, kind, &data, &length) == 1 else { return [] }
        // Sound: as above.
        return unsafe parseProtocols(UnsafeBufferPointer(start: data, count: length))
    }

    /// The extension's body: list length, then each name with its length.
    static func parseProtocols(_ body: UnsafeBufferPointer<UInt8>) -> [String] {
        guard body.count >= 2, unsafe Int(body[0]) << 8 | Int(body[1]) == body.count - 2 else { return [] }
        var names: [String] = []
        var position = 2
        while position < body.count {
            let size = unsafe Int(body[position])
            guard size > 0, position + 1 + size <= body.count else { return [] }
            unsafe names.append(String(decoding: body[(position + 1)..<(position + 1 + size)], as: UTF8.self))
            position += 1 + size
        }
        return names
    }

    /// The extension's body: list length, then entries of type, length and name. Only one host_name may be there.
    static func parse(_ body: UnsafeBufferPointer<UInt8>) -> String? {
        guard body.count >= 5 else { return nil }
        let listLength = unsafe Int(body[0]) << 8 | Int(body[1])
        let nameLength = unsafe Int(body[3]) << 8 | Int(body[4])
        guard listLength == body.count - 2, unsafe body[2] == 0, nameLength > 0, nameLength == body.count - 5 else {
            return nil
        }
        let name = unsafe body[5...]
        guard unsafe name.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { return nil }
        return unsafe String(decoding: name, as: UTF8.self).lowercased()
    }
}
