extension EnvironmentReader {
    /// XDS_ADDRESS or CA_ADDRESS with its roots. Unset means the default server, unless files take its place.
    package mutating func server(_ kind: String, absent: Bool) -> ControlPlaneServer? {
        let roots = text("\(kind)_ROOT_CA") ?? "./var/run/secrets/istio/root-cert.pem"
        let alternative = text("ALT_\(kind)_HOSTNAME")
        let headers = all(prefix: "\(kind)_HEADER_").map { (name: $0.name.lowercased(), value: $0.value) }
        let kubernetes = text("KUBERNETES_SERVICE_HOST") != nil
        let name = "\(kind)_ADDRESS"
        let given = self.text(name, emptyCounts: true)
        if given == "" || (given == nil && absent) { return nil }
        let fallback = kubernetes ? "https://istiod.istio-system.svc:15012" : "https://localhost:15012"
        guard let address = ServerAddress(given ?? fallback) else {
            refuse(
                name, given ?? "", "it must be https://host:port, or empty for none; plain http is not supported")
            return nil
        }
        return ControlPlaneServer(
            address: address, roots: roots == "SYSTEM" ? "/etc/ssl/certs/ca-certificates.crt" : roots,
            alternativeName: alternative, headers: headers)
    }

    /// An absolute path.
    package mutating func directory(_ name: String) -> String? {
        parsed(name, wants: "an absolute path", default: nil) { $0.hasPrefix("/") ? Optional($0) : nil }
    }
}
