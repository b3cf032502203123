/// Which server a connection that is carried as it is asks for.
enum AskedServer: Equatable {
    /// It is no TLS, or no route looks at it.
    case unknown
    /// The name in its ClientHello; nil where it has none.
    case named(String?)

    /// The name, for routes.
    var name: String? { if case .named(let name) = self { name } else { nil } }

    /// For a person, after "the connection".
    var text: String {
        guard case .named(let name) = self else { return "" }
        return ", which asks for \(name ?? "no server name")"
    }
}
