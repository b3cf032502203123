/// The text of `ztunnel.env` (systemd's EnvironmentFile): one `NAME=value` a line. Pure.
enum NodeSettings {
    /// `text` with these values: lines of the same names are replaced where they stand, others stay, new ones are appended.
    static func merge(_ values: [(name: String, value: String)], into text: String) -> String {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last?.isEmpty == true { lines.removeLast() }
        var rest = values
        lines = lines.compactMap { line in
            let name = line.prefix { $0 != "=" }.filter { $0 != " " && $0 != "\t" }
            guard line.contains("="), values.contains(where: { $0.name == name }) else { return line }
            guard let place = rest.firstIndex(where: { $0.name == name }) else { return nil }
            let value = rest.remove(at: place)
            return "\(value.name)=\(value.value)"
        }
        if lines.isEmpty {
            lines.append("# Settings of ztunnel. `ambitctl join` sets the lines below and leaves others alone.")
        }
        return (lines + rest.map { "\($0.name)=\($0.value)" }).joined(separator: "\n") + "\n"
    }
}
