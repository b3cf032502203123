package import MeshModel

/// The first service, by key, that leads to `port` of `workload`: what a connection is accounted to when the client does
/// not say which service it addressed (Z 4.2).
package func firstService(of workload: Workload, port: UInt16, in snapshot: MeshSnapshot) -> Service? {
    for name in workload.services.keys.sorted() {
        guard let service = snapshot.service(name), let own = workload.services[name] else { continue }
        if own.contains(where: { $0.targetPort == port }) { return service }
        if service.ports.contains(where: { $0.targetPort == port && own.target(of: $0.port) ?? 0 == 0 }) {
            return service
        }
    }
    return nil
}
