import MeshModel

/// A service on its way: everything but what depends on other resources (addresses, waypoint, canonical).
struct ServiceDraft {
    /// How a service port finds the port of a workload.
    enum Target {
        /// This number everywhere.
        case number(UInt16)
        /// The workload's port of this name; workloads without it do not serve the port (Service).
        case named(String)
        /// The workload's port of this name where it has one, else the number (ServiceEntry).
        case numberUnlessNamed(UInt16, String)
    }

    struct Port {
        let port: UInt16
        let target: Target
        let applicationProtocol: ApplicationProtocol
    }

    let resource: Resource
    let hostname: String
    var addresses: [NetworkAddress] = []
    var ranges: [NetworkRange] = []
    var ports: [Port] = []
    /// Selects workloads of the namespace; nil: none.
    var selector: [String: String]?
    var loadBalancing = LoadBalancing()
    var ipFamilies = IPFamilies.automatic
    var visibility = ServiceVisibility.everyone
    var subjectAltNames: [String] = []
    /// Whether it gets an automatic address.
    var wantsAddress = false

    init(_ resource: Resource, hostname: String) {
        self.resource = resource
        self.hostname = hostname
    }

    var name: ServiceName { ServiceName(namespace: resource.metadata.namespace, hostname: hostname) }

    /// The key of its automatic address.
    var addressKey: String {
        "\(resource.kind.rawValue)/\(resource.metadata.namespace)/\(resource.metadata.name)/\(hostname)"
    }

    /// The ports as the service's own record has them; 0 where each workload decides.
    var servicePorts: [ServicePort] {
        ports.map { port in
            let target: UInt16
            switch port.target {
            case .number(let number), .numberUnlessNamed(let number, _): target = number
            case .named: target = 0
            }
            return ServicePort(port: port.port, targetPort: target, applicationProtocol: port.applicationProtocol)
        }
    }

    /// The ports of one workload that has these named ports.
    func ports(of named: [String: UInt16]) -> [ServicePort] {
        ports.compactMap { port in
            let target: UInt16
            switch port.target {
            case .number(let number):
                target = number
            case .named(let name):
                guard let number = named[name] else { return nil }
                target = number
            case .numberUnlessNamed(let number, let name):
                target = named[name] ?? number
            }
            return ServicePort(port: port.port, targetPort: target, applicationProtocol: port.applicationProtocol)
        }
    }
}
