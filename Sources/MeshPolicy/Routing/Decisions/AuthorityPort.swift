/// What becomes of the port in an authority.
enum AuthorityPort: Sendable {
    case same
    case none
    case number(UInt16)
    /// Taken away if it is this one.
    case without(UInt16)

    /// The authority with its port changed. A colon inside the brackets of an IPv6 address is no port's.
    func apply(to authority: [UInt8]) -> [UInt8] {
        let (host, port) = Self.split(authority)
        switch self {
        case .same: return authority
        case .none: return Array(host)
        case .number(let number): return Array(host) + Array(":\(number)".utf8)
        case .without(let number):
            return port.map { $0.elementsEqual("\(number)".utf8) } == true ? Array(host) : authority
        }
    }

    /// Host and port; the port is nil where there is none.
    static func split(_ authority: [UInt8]) -> (host: ArraySlice<UInt8>, port: ArraySlice<UInt8>?) {
        guard let colon = authority.lastIndex(of: 0x3a), !authority[colon...].contains(0x5d) else {
            return (authority[...], nil)
        }
        return (authority[..<colon], authority[(colon + 1)...])
    }

    /// The authority of a mirrored request: `-shadow` after the host, before the port (I 2.10).
    static func shadow(_ authority: [UInt8]) -> [UInt8] {
        let (host, port) = split(authority)
        return Array(host) + Array("-shadow".utf8) + (port.map { [0x3a] + Array($0) } ?? [])
    }
}
