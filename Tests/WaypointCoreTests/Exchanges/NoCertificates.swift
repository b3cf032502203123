import MeshModel
import NodeCore
import TLSEngine

/// For a waypoint whose endpoint is reached without a tunnel.
struct NoCertificates: CertificateSource {
    var generation: UInt64 { 1 }

    func context(for identity: SPIFFEIdentity, role: TLSRole) -> CertificateLookup { .pending }

    func fetch(_ identity: SPIFFEIdentity, completion: @escaping @Sendable (_ failure: String?) -> Void) {}
}
