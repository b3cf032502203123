package import FoundationEssentials

/// The answer to a workload's signing request: no key, since the node keeps that.
package struct SignedWorkloadCertificate: Sendable {
    /// PEM elements as `IstioCertificateResponse.cert_chain` wants them: leaf, intermediates, roots last (Z 5.4).
    package let chain: [String]
    /// The serial number, lower-case hexadecimal.
    package let serialNumber: String
    /// When it expires.
    package let notAfter: Date
}
