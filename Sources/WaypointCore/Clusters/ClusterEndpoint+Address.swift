import MeshModel
import MeshPolicy

extension ClusterEndpoint {
    /// The endpoint's address and port, for people; nil where it has none, or more than one that may have been connected to.
    var host: String? {
        guard let ip = addresses.isEmpty ? workload.addresses.first : addresses.first, addresses.count < 2 else {
            return nil
        }
        return TransportAddress(ip: ip, port: port).description
    }
}
