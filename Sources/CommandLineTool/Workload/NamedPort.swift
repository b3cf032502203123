import ArgumentParser

/// `name:port` on the command line.
struct NamedPort: ExpressibleByArgument, Sendable {
    let name: String
    let port: Int

    init?(argument: String) {
        guard let colon = argument.firstIndex(of: ":"), colon != argument.startIndex,
            let port = Int(argument[argument.index(after: colon)...]), (1...65535).contains(port)
        else { return nil }
        self.name = String(argument[..<colon])
        self.port = port
    }
}
