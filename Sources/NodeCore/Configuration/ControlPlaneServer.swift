/// Where configuration or certificates come from.
package struct ControlPlaneServer: Sendable {
    /// The gRPC server.
    package var address: ServerAddress
    /// Its roots: a path, or PEM text.
    package var roots: String
    /// A second name that its certificate may carry.
    package var alternativeName: String?
    /// Headers sent with every call.
    package var headers: [(name: String, value: String)]

    /// The server at `address`.
    package init(
        address: ServerAddress, roots: String, alternativeName: String? = nil,
        headers: [(name: String, value: String)] = []
    ) {
        self.address = address
        self.roots = roots
        self.alternativeName = alternativeName
        self.headers = headers
    }
}
