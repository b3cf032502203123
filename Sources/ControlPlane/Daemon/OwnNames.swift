import Glibc
package import MeshModel
import NIOCore

/// What this host is reached by where nobody has said it: its addresses, IPv4 first, then its name.
///
/// Looks at the interfaces and the host's name when it is asked; a host that gets another address later needs a restart of
/// ambitd, or `--advertise`.
package enum OwnNames {
    /// The addresses of the interfaces that are up and the host's name. Empty where the system tells neither.
    package static func all() -> [String] {
        let devices = (try? System.enumerateDevices()) ?? []
        let addresses = devices.compactMap { $0.address?.ipAddress }.compactMap { text in
            // A scope such as `%eth0` marks a link-local address; it is no part of an address that others can use.
            IPAddress(text)
        }
        return reachable(addresses) + (hostName().map { [$0] } ?? [])
    }

    /// Those that another host can use: no loopback and no link-local address, each once.
    package static func reachable(_ addresses: [IPAddress]) -> [String] {
        var seen = Set<IPAddress>()
        let usable = addresses.filter { address in
            !address.isLoopback && !address.isUnspecified && !isLinkLocal(address) && seen.insert(address).inserted
        }
        return (usable.filter(\.isIPv4) + usable.filter { !$0.isIPv4 }).map(\.description)
    }

    /// 169.254.0.0/16 (RFC 3927), fe80::/10 (RFC 4291 2.5.6).
    private static func isLinkLocal(_ address: IPAddress) -> Bool {
        let bytes = address.bytes
        return address.isIPv4 ? bytes[0] == 169 && bytes[1] == 254 : bytes[0] == 0xfe && bytes[1] & 0xc0 == 0x80
    }

    private static func hostName() -> String? {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return nil }
        let text = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self).lowercased()
        return text.isEmpty || NameRules.host(text, allowsWildcard: false) != nil ? nil : text
    }
}
