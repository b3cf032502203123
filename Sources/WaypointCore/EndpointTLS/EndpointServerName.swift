import MeshModel

/// The names of a server in TLS of the request's own: what it is asked for, and what its certificate must say. Pure.
struct EndpointServerName: Equatable {
    /// For SNI; nil where there is no name, as an address is none (RFC 6066 section 3).
    let asked: String?
    /// Of which the certificate must have one.
    let accepted: [String]

    /// Those of a block, of the service where the block names none. Connections are shared by all requests to the service, so the
    /// service's host name counts, not the `Host` of one request.
    init(_ block: DestinationRuleSpec.ClientTLS, service: Service) {
        let name = block.sni.flatMap { $0.isEmpty ? nil : $0 } ?? service.hostname
        asked = IPAddress(name) == nil && !name.contains("*") ? name : nil
        if !block.subjectAltNames.isEmpty {
            accepted = block.subjectAltNames
        } else if !service.subjectAltNames.isEmpty {
            accepted = service.subjectAltNames
        } else {
            accepted = [name]
        }
    }
}
