import MeshModel
package import MeshTelemetry
import TLSEngine

/// Certificates as Istio's dump shows them: never a key.
extension JSONWriter {
    /// One identity with its certificate, if there is one.
    package mutating func certificate(_ status: CertificateStore.Status) {
        beginObject()
        field("identity", status.identity.uri)
        field("state", status.state)
        chain("certChain", status.certificate?.material.certificateChainPEM)
        chain("rootCerts", status.certificate?.material.rootsPEM)
        endObject()
    }

    private mutating func chain(_ name: String, _ pem: String?) {
        array(name, PEMBlocks.split(pem ?? "")) { writer, block in
            writer.beginObject()
            writer.field("pem", Base64.encode(Array(block.utf8)))
            if let facts = try? CertificateFacts.parse(pem: block) {
                writer.field("serialNumber", facts.serialNumber)
                writer.field("validFrom", Timestamp.text(seconds: facts.notBefore))
                writer.field("expirationTime", Timestamp.text(seconds: facts.notAfter))
            }
            writer.endObject()
        }
    }
}
