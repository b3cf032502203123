/// The form in which routes name gateways: `mesh`, `name`, `namespace/name`.
enum GatewayNameRules {
    static func check(_ name: String, at path: FieldPath, _ findings: Findings) {
        let remedy = "use mesh, NAME or NAMESPACE/NAME"
        let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count <= 2 else { return findings.add(path, name, "has more than one '/'", remedy) }
        if parts.count == 2, let problem = NameRules.label(parts[0]) {
            findings.add(path, name, "names a namespace that \(problem)", remedy)
        }
        guard let last = parts.last else { return }
        if let problem = NameRules.subdomain(last) {
            findings.add(path, name, problem, remedy)
        } else if parts.count == 1, last.contains(".") {
            findings.warn(path, "is in the older form NAME.NAMESPACE...; write NAMESPACE/NAME")
        }
    }
}
