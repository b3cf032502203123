import Glibc

/// Tells IP literals from host names where certificates are made.
enum HostAddress {
    /// The 4 or 16 bytes of an IP literal, nil for a host name.
    static func bytes(of name: String) -> [UInt8]? {
        for (family, length) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: length)
            if inet_pton(family, name, &bytes) == 1 { return bytes }
        }
        return nil
    }
}
