package import MeshModel

extension EnvironmentReader {
    /// AMBIT_HOST_ADDRESSES: the addresses at which other hosts reach this one; empty where it does not say.
    package mutating func hostAddresses() -> [IPAddress] {
        let name = "AMBIT_HOST_ADDRESSES"
        var addresses: [IPAddress] = []
        for text in (text(name) ?? "").split(whereSeparator: { $0 == "," || $0 == " " }).map(String.init) {
            guard let address = IPAddress(text) else {
                refuse(name, text, "it must be a list of IP addresses, such as 192.0.2.7,2001:db8::7")
                continue
            }
            addresses.append(address)
        }
        return addresses
    }
}
