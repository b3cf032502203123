/// A port of a service, and the port of an endpoint that it leads to.
package struct ServicePort: Hashable, Sendable {
    /// The port that clients use.
    package let port: UInt16
    /// The port that the endpoint listens on; zero where the endpoint decides.
    package let targetPort: UInt16
    /// What is spoken there.
    package let applicationProtocol: ApplicationProtocol

    /// The port `port`, which leads to `targetPort`.
    package init(port: UInt16, targetPort: UInt16, applicationProtocol: ApplicationProtocol = .unknown) {
        self.port = port
        self.targetPort = targetPort
        self.applicationProtocol = applicationProtocol
    }
}

extension [ServicePort] {
    /// The first target of `port`; nil where the list does not have the port.
    package func target(of port: UInt16) -> UInt16? {
        for mapping in self where mapping.port == port { return mapping.targetPort }
        return nil
    }
}
