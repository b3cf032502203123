/// What the verified certificate of the other end says.
package struct TLSPeer: Hashable, Sendable {
    /// URI names, in the order of the certificate.
    package let uriNames: [String]
    /// DNS names, in the order of the certificate.
    package let dnsNames: [String]
    /// Hexadecimal, lower case.
    package let serialNumber: String
    /// Seconds since 1970.
    package let notAfter: Int64

    /// Groups what was read from a certificate.
    package init(uriNames: [String], dnsNames: [String], serialNumber: String, notAfter: Int64) {
        self.uriNames = uriNames
        self.dnsNames = dnsNames
        self.serialNumber = serialNumber
        self.notAfter = notAfter
    }

    /// The first URI name that is a SPIFFE workload identity (Z 2.1).
    package var identity: String? {
        uriNames.first { SPIFFEName.trustDomain(of: $0) != nil }
    }
}
