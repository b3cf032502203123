import MeshModel

extension ApplicationProtocol {
    /// Istio's protocol selection: `appProtocol`, else the port name up to its first '-'.
    static func selected(appProtocol: String?, portName: String?) -> ApplicationProtocol {
        if let appProtocol, !appProtocol.isEmpty { return named(appProtocol) }
        guard let portName else { return .unknown }
        return named(String(portName.prefix { $0 != "-" }))
    }

    /// A protocol by the name that Istio and Kubernetes use for it.
    static func named(_ name: String) -> ApplicationProtocol {
        switch name.lowercased() {
        case "http", "http1", "kubernetes.io/ws": .http11
        case "http2", "kubernetes.io/h2c": .http2
        case "grpc", "grpc-web": .grpc
        default: .unknown
        }
    }
}
