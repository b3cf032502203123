import MeshPolicy

/// Automatic addresses as the store keeps them: a line each, number and service key.
enum VirtualAddressSetting {
    static func encode(_ addresses: VirtualAddresses) -> [UInt8] {
        var text = ""
        for (key, number) in addresses.numbers.sorted(by: { $0.key < $1.key }) { text += "\(number) \(key)\n" }
        return Array(text.utf8)
    }

    /// What cannot be read is nothing: addresses are then given anew.
    static func decode(_ bytes: [UInt8]) -> VirtualAddresses {
        var numbers: [String: UInt16] = [:]
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            guard let space = line.firstIndex(of: " ") else { continue }
            numbers[String(line[line.index(after: space)...])] = UInt16(line[..<space])
        }
        return VirtualAddresses(numbers: numbers)
    }
}
