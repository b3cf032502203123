package import HTTPWire
package import MeshModel

/// What a waypoint changes in the head of every request before it goes on. Pure.
package enum RequestHead {
    /// Who the client proved to be, in the words of Envoy. A value that came with the request is somebody's claim: it goes.
    package static let clientCertificate = "x-forwarded-client-cert"
    /// What a request is called in all logs.
    package static let requestID = "x-request-id"

    private static let certificateName = Array(clientCertificate.utf8)
    private static let requestIDName = Array(requestID.utf8)
    /// Which try of the request it is, from 1: added to each.
    static let attemptCount = Array("x-envoy-attempt-count".utf8)
    private static let protocolName = Array("x-forwarded-proto".utf8)
    private static let http = Array("http".utf8)
    /// What all of these begin with, so that most fields cost one comparison.
    private static let ownPrefix = Array("x-".utf8)
    /// Fields that are added at most, the number of the try among them, and their bytes but for the certificate's.
    private static let addedFields = 4
    private static let addedBytes = 160

    /// The value of `clientCertificate` for a client.
    package static func certificate(client: SPIFFEIdentity, waypoint: SPIFFEIdentity) -> [UInt8] {
        Array("By=\(waypoint.uri);URI=\(client.uri)".utf8)
    }

    /// The head for the endpoint. `certificate` is nil for a client that has shown none; `requestID` is made where the client gave none.
    package static func forwarded(
        _ head: HTTPFieldBlock, certificate: [UInt8]?, requestID newID: () -> [UInt8]
    ) -> HTTPFieldBlock {
        var fields = head
        var hasID = false
        var hasProtocol = false
        fields.removeAll { name, _ in
            guard name.starts(with: ownPrefix) else { return false }
            if name.equals(requestIDName) { hasID = true }
            if name.equals(protocolName) { hasProtocol = true }
            return name.equals(certificateName) || name.equals(attemptCount)
        }
        fields.reserve(fields: addedFields, byteCount: addedBytes + (certificate?.count ?? 0))
        if let certificate { fields.append(name: certificateName, value: certificate) }
        if !hasProtocol { fields.append(name: protocolName, value: http) }
        if !hasID { fields.append(name: requestIDName, value: newID()) }
        return fields
    }

    /// The trailers for the endpoint: what a waypoint says in the head is nobody's to say in them, since some servers merge the two.
    package static func forwarded(trailers: HTTPFieldBlock) -> HTTPFieldBlock {
        var fields = trailers
        fields.removeAll { name, _ in
            name.equals(certificateName) || name.equals(attemptCount) || name.equals(protocolName)
                || name.equals(requestIDName)
        }
        return fields
    }

    /// A random UUID (RFC 9562, version 4) of two numbers.
    package static func uuid(_ high: UInt64, _ low: UInt64) -> [UInt8] {
        let numbers = (high & 0xffff_ffff_ffff_0fff | 0x4000, low & 0x3fff_ffff_ffff_ffff | 1 << 63)
        var text = [UInt8](repeating: 0x2d, count: 36)
        var (place, digits) = (0, numbers.0)
        for index in 0..<32 {
            if index == 8 || index == 12 || index == 16 || index == 20 { place += 1 }
            if index == 16 { digits = numbers.1 }
            let digit = UInt8(truncatingIfNeeded: digits >> 60)
            text[place] = digit < 10 ? 0x30 + digit : 0x57 + digit
            digits <<= 4
            place += 1
        }
        return text
    }
}
