/// The rules of a Gateway (I 1.3, 3.2).
enum GatewayRules {
    static func check(_ reader: ObjectReader) {
        let spec = GatewaySpec(reader)
        if spec.servers.isEmpty {
            reader.problem("servers", "is required", remedy: "give at least one port", reason: .required)
        }
        LabelRules.check(spec.selector, at: reader.path.appending(key: "selector"), reader.findings)
        if spec.selector.isEmpty {
            reader.warn("selector", "is empty, so that every gateway listens; write istio: ingressgateway or the like")
        }
        var names: Set<String> = []
        for (index, server) in spec.servers.enumerated() {
            let place = reader.path.appending(key: "servers").appending(index: index)
            if !server.portName.isEmpty, !names.insert(server.portName).inserted {
                reader.findings.add(
                    place.appending(key: "port").appending(key: "name"), server.portName,
                    "is the name of another port too", "give each port its own name", .duplicate)
            }
            GatewayServerRules(server: server, path: place, findings: reader.findings).check()
        }
    }
}
