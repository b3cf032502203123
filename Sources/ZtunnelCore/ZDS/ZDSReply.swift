import MeshAPI
import SwiftProtobuf

/// The two packets that ztunnel sends to the node agent (Z 6.2). Pure.
package enum ZDSReply {
    /// Bytes of an error's text: with the message around it the packet stays within the agent's buffer.
    package static let errorLimit = ZDSRequest.packetLimit - 16

    /// The first packet of a connection.
    package static var hello: [UInt8] { serialized(Istio_Workload_Zds_ZdsHello.with { $0.version = .v1 }) }

    /// The answer to a request; nil is success. A longer text is cut, at a character.
    package static func acknowledgement(_ error: String?) -> [UInt8] {
        serialized(
            Istio_Workload_Zds_WorkloadResponse.with { response in
                response.ack = .with { $0.error = cut(error ?? "") }
            })
    }

    private static func cut(_ text: String) -> String {
        guard text.utf8.count > errorLimit else { return text }
        var kept = ""
        var bytes = 0
        for character in text {
            bytes += character.utf8.count
            guard bytes <= errorLimit else { break }
            kept.append(character)
        }
        return kept
    }

    private static func serialized(_ message: some Message) -> [UInt8] {
        // Serializing fails for missing required fields only, which proto3 does not have; an empty packet is what an
        // agent would have to read as "no acknowledgement".
        (try? message.serializedBytes()) ?? []
    }
}
