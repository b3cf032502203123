package import HTTPWire
package import MeshModel

extension Baggage {
    /// How a workload of this node describes itself to its peers (Z 2.3).
    package init(_ workload: Workload) {
        self.init()
        cluster = workload.clusterID
        namespace = workload.namespace
        workloadType =
            switch workload.workloadType {
            case .deployment: .deployment
            case .cronjob: .cronjob
            case .pod: .pod
            case .job: .job
            }
        workloadName = workload.workloadName
        serviceName = workload.canonicalName
        serviceVersion = workload.canonicalRevision
        region = workload.locality.region
        zone = workload.locality.zone
    }
}
