extension VirtualServiceSpec {
    /// Where connections go that are neither HTTP nor told apart by TLS.
    package struct TCPRoute: Sendable, Hashable {
        /// A condition on the connection; everything that is written must hold.
        package struct Match: Sendable, Hashable {
            /// Ranges of the address connected to.
            package var destinationSubnets: [String] = []
            package var port: UInt16?
            /// The range of the client's address; nil for any.
            package var sourceSubnet: String?
            package var sourceLabels: [String: String] = [:]
            package var sourceNamespace: String?
            /// Gateways instead of those of the whole VirtualService; empty for those.
            package var gateways: [String] = []
        }

        /// Conditions, of which one must hold; empty for every connection.
        package var match: [Match] = []
        package var route: [RouteDestination] = []

        init(_ reader: ObjectReader) {
            match = reader.objects("match", about: "Conditions, of which one must hold; every connection without.").map
            {
                Match($0)
            }
            route = reader.objects("route", about: "Where the connections go, shared by weight.").map {
                RouteDestination($0)
            }
            reader.finish()
        }
    }
}

extension VirtualServiceSpec.TCPRoute.Match {
    fileprivate init(_ reader: ObjectReader) {
        destinationSubnets = reader.strings("destinationSubnets", about: "Ranges of the address connected to.")
        port = reader.optionalPort("port", about: "The port connected to.")
        sourceSubnet = reader.text("sourceSubnet", about: "The range of the client's address.")
        sourceLabels = reader.stringMap("sourceLabels", about: "Labels of the client's workload.") ?? [:]
        sourceNamespace = reader.text("sourceNamespace", about: "The client's namespace.")
        gateways = reader.strings("gateways", about: "Gateways instead of those of the VirtualService.")
        reader.finish()
    }
}
