import MeshAPI
import SwiftProtobuf
import ZtunnelCore

/// Fuzz entry of the node agent's packets: any bytes, no trap, nothing but names in what is accepted, and answers that fit.
enum ZDSFuzz {
    /// One connection: each packet is a length, a number of descriptors, and that many bytes.
    static func packets(_ bytes: [UInt8]) {
        var session = ZDSSession()
        var rest = bytes[...]
        while rest.count >= 2 {
            let length = Int(rest.removeFirst())
            let descriptors = Int(rest.removeFirst() % 4)
            let packet = Array(rest.prefix(length))
            rest = rest.dropFirst(length)
            do throws(ZDSProblem) {
                let request = try ZDSRequest(packet: packet, descriptors: descriptors)
                if case .add(_, let reference) = request {
                    precondition(descriptors == 1, "no namespace")
                    let names = [reference.namespace, reference.name, reference.serviceAccount]
                    precondition(names.allSatisfy(WorkloadReference.isName), "an identity of something that is no name")
                }
                _ = try session.take(request)
            } catch {
                let answer = ZDSReply.acknowledgement(error.description)
                precondition(answer.count <= ZDSRequest.packetLimit, "the answer does not fit")
                let read = try? Istio_Workload_Zds_WorkloadResponse(serializedBytes: answer)
                precondition(read?.ack.error.isEmpty == false, "an error that reads as success")
            }
        }
        let answer = ZDSReply.acknowledgement(String(decoding: bytes, as: UTF8.self))
        precondition(answer.count <= ZDSRequest.packetLimit, "the answer does not fit")
        precondition((try? Istio_Workload_Zds_WorkloadResponse(serializedBytes: answer)) != nil, "no answer")
    }
}
