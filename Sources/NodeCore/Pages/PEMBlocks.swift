/// Splits concatenated PEM text.
package enum PEMBlocks {
    /// The blocks, each with its begin and end lines; text between them is dropped.
    package static func split(_ text: String) -> [String] {
        var blocks: [String] = []
        var block: [Substring] = []
        for line in text.split(separator: "\n") {
            if line.hasPrefix("-----BEGIN ") { block = [] }
            block.append(line)
            if line.hasPrefix("-----END ") {
                blocks.append(block.joined(separator: "\n") + "\n")
                block = []
            }
        }
        return blocks
    }
}
