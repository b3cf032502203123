import ArgumentParser

/// `name:port` on the command line.
package struct NamedPort: ExpressibleByArgument, Sendable {
    package let name: String
    package let port: Int

    package init?(argument: String) {
        guard let colon = argument.firstIndex(of: ":"), colon != argument.startIndex,
            let port = Int(argument[argument.index(after: colon)...]), (1...65535).contains(port)
        else { return nil }
        self.name = String(argument[..<colon])
        self.port = port
    }
}
