/// The rules of a PeerAuthentication (I 3.2 and the CEL rules of its CRD).
enum PeerAuthenticationRules {
    static func check(_ reader: ObjectReader) {
        let spec = PeerAuthenticationSpec(reader)
        LabelRules.checkSelector(
            spec.selector, isWritten: spec.hasSelector, emptySelects: "every workload of the namespace",
            at: reader.path.appending(key: "selector").appending(key: "matchLabels"), reader.findings)
        if spec.hasPortLevel {
            if spec.selector.isEmpty {
                reader.problem(
                    "portLevelMtls", "needs a selector", remedy: "add selector.matchLabels: ports belong to workloads",
                    reason: .forbidden)
            }
            if spec.portLevelMtls.isEmpty {
                reader.problem(
                    "portLevelMtls", "names no port", remedy: "remove it, or write a port such as \"8080\"",
                    reason: .required)
            }
        }
        let path = reader.path
        if spec.mode == "DISABLE" {
            reader.findings.warn(
                path.appending(key: "mtls").appending(key: "mode"),
                "DISABLE acts as PERMISSIVE: traffic between enrolled workloads is always encrypted")
        }
        for (port, mode) in spec.portLevelMtls.sorted(by: { $0.key < $1.key }) where mode == "DISABLE" {
            reader.findings.warn(
                path.appending(key: "portLevelMtls").appending(key: "\(port)").appending(key: "mode"),
                "DISABLE acts as PERMISSIVE: traffic between enrolled workloads is always encrypted")
        }
    }
}
