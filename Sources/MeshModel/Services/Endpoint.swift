/// A workload in its part as an endpoint of one service.
package struct Endpoint: Sendable, Equatable {
    /// The workload.
    package let workload: Workload
    /// The workload's ports in this service. A port that is not here has the service's own target port.
    package let ports: [ServicePort]

    /// The part of `workload` in a service where it has these ports.
    package init(workload: Workload, ports: [ServicePort]) {
        self.workload = workload
        self.ports = ports
    }
}
