package import HTTPWire
package import MeshModel

/// What a waypoint changes in the head of a request before it goes on. Pure.
package enum RequestHead {
    /// Who the client proved to be, in the words of Envoy. A value that came with the request is somebody's claim: it goes.
    package static let clientCertificate = "x-forwarded-client-cert"
    /// What a request is called in all logs.
    package static let requestID = "x-request-id"

    /// The head for the endpoint. `requestID` is used where the client gave none.
    package static func forwarded(
        _ head: HTTPFieldBlock, client: SPIFFEIdentity, waypoint: SPIFFEIdentity, requestID newID: String
    ) -> HTTPFieldBlock {
        var fields = head
        fields.removeAll(named: clientCertificate)
        fields.append(name: clientCertificate, value: "By=\(waypoint.uri);URI=\(client.uri)")
        if fields.first("x-forwarded-proto") == nil { fields.append(name: "x-forwarded-proto", value: "http") }
        if fields.first(requestID) == nil { fields.append(name: requestID, value: newID) }
        return fields
    }

    /// A random UUID (RFC 9562, version 4) of two numbers.
    package static func uuid(_ high: UInt64, _ low: UInt64) -> String {
        let digits =
            hexadecimal(high & 0xffff_ffff_ffff_0fff | 0x4000) + hexadecimal(low & 0x3fff_ffff_ffff_ffff | 1 << 63)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(index) { text.append("-") }
            text.append(digit)
        }
        return text
    }

    private static func hexadecimal(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
