extension VirtualServiceSpec {
    /// Where TLS connections go that are not terminated.
    package struct TLSRoute: Sendable, Hashable {
        /// A condition on the connection; everything that is written must hold.
        package struct Match: Sendable, Hashable {
            /// Names that the client asks for, of which one must match; `*.x` for all below.
            package var sniHosts: [String] = []
            /// Ranges of the address connected to.
            package var destinationSubnets: [String] = []
            package var port: UInt16?
            package var sourceLabels: [String: String] = [:]
            package var sourceNamespace: String?
            /// Gateways instead of those of the whole VirtualService; empty for those.
            package var gateways: [String] = []
        }

        /// Conditions, of which one must hold.
        package var match: [Match] = []
        package var route: [RouteDestination] = []

        init(_ reader: ObjectReader) {
            match = reader.objects("match", about: "Conditions, of which one must hold.").map { Match($0) }
            route = reader.objects("route", about: "Where the connections go, shared by weight.").map {
                RouteDestination($0)
            }
            reader.finish()
        }
    }
}

extension VirtualServiceSpec.TLSRoute.Match {
    fileprivate init(_ reader: ObjectReader) {
        sniHosts = reader.strings("sniHosts", about: "Names that the client asks for in its TLS hello.")
        destinationSubnets = reader.strings("destinationSubnets", about: "Ranges of the address connected to.")
        port = reader.optionalPort("port", about: "The port connected to.")
        sourceLabels = reader.stringMap("sourceLabels", about: "Labels of the client's workload.") ?? [:]
        sourceNamespace = reader.text("sourceNamespace", about: "The client's namespace.")
        gateways = reader.strings("gateways", about: "Gateways instead of those of the VirtualService.")
        reader.finish()
    }
}
