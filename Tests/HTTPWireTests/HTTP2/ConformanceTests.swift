import HTTPWire
import Testing

/// The tables, fed whole and in pieces.
@Suite struct ConformanceTests {
    @Test("RFC 9113, server", arguments: ServerCases.all)
    func server(_ row: WireCase) {
        #expect(row.run([row.input]) == row.expected)
    }

    @Test("RFC 9113, client", arguments: ClientCases.all)
    func client(_ row: WireCase) {
        #expect(row.run([row.input]) == row.expected)
    }

    @Test("byte by byte, the same comes out", arguments: ServerCases.all + ClientCases.all)
    func bytes(_ row: WireCase) {
        guard row.input.count < 5_000 else { return }
        #expect(row.run(row.input.map { [$0] }) == row.expected)
    }

    @Test("split at any point, the same comes out", arguments: ServerCases.all + ClientCases.all)
    func splits(_ row: WireCase) {
        guard row.input.count < 1_000 else { return }
        for split in row.input.indices {
            let lines = row.run([Array(row.input[..<split]), Array(row.input[split...])])
            #expect(lines == row.expected, "split at \(split)")
        }
    }

    @Test("the tables are as large as they claim")
    func size() {
        #expect(ServerCases.all.count + ClientCases.all.count >= 120)
        for table in [ServerCases.all, ClientCases.all] { #expect(Set(table.map(\.name)).count == table.count) }
    }
}
