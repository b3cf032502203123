import HTTPWire
import Testing

@Suite struct HTTP1ServerTests {
    @Test("whole, byte by byte, and split at each point, the same comes out", arguments: HTTP1ServerCases.all)
    func table(_ row: HTTP1Case) {
        for cut in row.cuts { #expect(row.serve(cut) == row.expected, "cut at \(cut.first?.count ?? 0)") }
    }

    @Test("names are unique, and the table is as large as it claims")
    func size() {
        #expect(HTTP1ServerCases.all.count >= 120)
        #expect(Set(HTTP1ServerCases.all.map(\.name)).count == HTTP1ServerCases.all.count)
    }
}
