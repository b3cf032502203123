import MeshModel

/// Where ambitd takes joins: a host and a port.
struct JoinEndpoint: Equatable, Sendable, CustomStringConvertible {
    /// A name, or an address without brackets.
    let host: String
    let port: Int

    /// Reads `HOST`, `HOST:PORT`, `[IPv6]:PORT` or a lone IPv6 address; port 15013 where none is given.
    init(_ text: String) throws(CommandFailure) {
        let isLoneIPv6 = IPAddress(text).map { !$0.isIPv4 } ?? false
        let complete =
            isLoneIPv6
            ? "[\(text)]:\(Ports.join)" : text.contains(":") ? text : "\(text):\(Ports.join)"
        guard let host = JoinToken.host(of: complete), let colon = complete.lastIndex(of: ":"),
            let port = Int(complete[complete.index(after: colon)...])
        else {
            throw CommandFailure(
                "\"\(text)\" is no address of ambitd",
                next: "write HOST or HOST:PORT, for instance 192.0.2.1 or control.example:15013",
                status: .usage)
        }
        self.host = host
        self.port = port
    }

    /// The host as a URL has it.
    var urlHost: String { host.contains(":") ? "[\(host)]" : host }

    var description: String { "\(urlHost):\(port)" }
}
