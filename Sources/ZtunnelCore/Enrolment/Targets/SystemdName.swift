/// The names of systemd's units (systemd.unit(5)).
enum SystemdName {
    /// Whether a unit can have this name.
    static func isUnit(_ name: String) -> Bool {
        name.utf8.count <= 255 && !name.hasPrefix("-") && !name.hasPrefix(".")
            && name.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
                default: ":-_.\\@".utf8.contains(byte)
                }
            }
    }
}
