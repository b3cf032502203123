import MeshModel
import MeshPolicy

extension ClusterEndpoint {
    /// The endpoint's address and port, for people; nil where it has no address.
    var host: String? { workload.addresses.first.map { TransportAddress(ip: $0, port: port).description } }
}
