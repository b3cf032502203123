package import HTTPWire
package import MeshModel

/// What a waypoint changes in the head of every request before it goes on. Pure.
package enum RequestHead {
    /// Who the client proved to be, in the words of Envoy. A value that came with the request is somebody's claim: it goes.
    private static let clientCertificate: StaticString = "x-forwarded-client-cert"
    /// What a request is called in all logs.
    static let requestID: StaticString = "x-request-id"
    /// Which try of the request it is, from 1.
    static let attemptCount: StaticString = "x-envoy-attempt-count"
    private static let protocolName: StaticString = "x-forwarded-proto"
    /// What all of these begin with, so that most fields cost one comparison.
    private static let ownPrefix: StaticString = "x-"
    /// Fields that are added at most, the number of the try among them, and their bytes but for the certificate's.
    private static let addedFields = 4
    private static let addedBytes = 160

    /// The value of `clientCertificate` for a client.
    package static func certificate(client: SPIFFEIdentity, waypoint: SPIFFEIdentity) -> [UInt8] {
        Array("By=\(waypoint.uri);URI=\(client.uri)".utf8)
    }

    /// The head for the endpoint, of the first try. `certificate` is nil for a client that has shown none; `requestID` is made where the client gave none.
    package static func forwarded(
        _ head: HTTPFieldBlock, certificate: [UInt8]?, requestID newID: () -> [36 of UInt8]
    ) -> HTTPFieldBlock {
        var fields = head
        var hasID = false
        var hasProtocol = false
        fields.removeAll { name, _ in
            guard name.starts(with: ownPrefix) else { return false }
            if name.equals(requestID) { hasID = true }
            if name.equals(protocolName) { hasProtocol = true }
            return name.equals(clientCertificate) || name.equals(attemptCount)
        }
        fields.reserve(fields: addedFields, byteCount: addedBytes + (certificate?.count ?? 0))
        if let certificate { fields.append(name: clientCertificate, value: certificate.span) }
        if !hasProtocol { fields.append(name: protocolName, text: "http") }
        if !hasID { fields.append(name: requestID, value: newID().span) }
        fields.append(name: attemptCount, text: "1")
        return fields
    }

    /// The trailers for the endpoint: what proxies say in the head is nobody's to say in them, since some servers merge the two.
    package static func forwarded(trailers: HTTPFieldBlock) -> HTTPFieldBlock {
        var fields = trailers
        fields.removeAll { name, _ in
            name.equals(requestID) || name.starts(with: "x-forwarded-") || name.starts(with: "x-envoy-")
        }
        return fields
    }

    /// A random UUID (RFC 9562, version 4) of two numbers.
    package static func uuid(_ high: UInt64, _ low: UInt64) -> [36 of UInt8] {
        let first = digits(UInt32(truncatingIfNeeded: high >> 32))
        let second = digits(UInt32(truncatingIfNeeded: high) & 0xffff_0fff | 0x4000)
        let third = digits(UInt32(truncatingIfNeeded: low >> 32) & 0x3fff_ffff | 0x8000_0000)
        let fourth = digits(UInt32(truncatingIfNeeded: low))
        var text = [36 of UInt8](repeating: dash)
        var span = text.mutableSpan
        var bytes = span.mutableBytes
        bytes.storeBytes(of: first.littleEndian, toByteOffset: 0, as: UInt64.self)
        bytes.storeBytes(of: UInt32(truncatingIfNeeded: second).littleEndian, toByteOffset: 9, as: UInt32.self)
        bytes.storeBytes(of: UInt32(truncatingIfNeeded: second >> 32).littleEndian, toByteOffset: 14, as: UInt32.self)
        bytes.storeBytes(of: UInt32(truncatingIfNeeded: third).littleEndian, toByteOffset: 19, as: UInt32.self)
        bytes.storeBytes(of: UInt32(truncatingIfNeeded: third >> 32).littleEndian, toByteOffset: 24, as: UInt32.self)
        bytes.storeBytes(of: fourth.littleEndian, toByteOffset: 28, as: UInt64.self)
        return text
    }

    private static let dash: UInt8 = 0x2d

    /// The eight hexadecimal digits of a number, made all at once, the first one lowest.
    private static func digits(_ number: UInt32) -> UInt64 {
        var halves = UInt64(number)
        halves = (halves << 16 | halves) & 0x0000_ffff_0000_ffff
        halves = (halves << 8 | halves) & 0x00ff_00ff_00ff_00ff
        halves = (halves << 4 | halves) & 0x0f0f_0f0f_0f0f_0f0f
        let letters = (halves &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        return (halves &+ 0x3030_3030_3030_3030 &+ letters &* 0x27).byteSwapped
    }
}
