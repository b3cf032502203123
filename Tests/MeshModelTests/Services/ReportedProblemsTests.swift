import MeshModel
import Testing

@Suite struct ReportedProblemsTests {
    @Test func whatFitsIsKept() {
        #expect(ReportedProblems(["port 80", "", "größe 漢"]).messages == ["port 80", "größe 漢"])
        #expect(ReportedProblems().messages.isEmpty)
    }

    @Test(arguments: [(16, 16, "15"), (17, 16, "and 2 more"), (1_000, 16, "and 985 more")])
    func theLastSaysHowManyThereAre(_ count: Int, _ kept: Int, _ last: String) {
        let messages = ReportedProblems((0..<count).map(String.init)).messages
        #expect(messages.count == kept && messages.last == last)
    }

    @Test func aLongOneIsCut() {
        let limit = ReportedProblems.lengthLimit
        let whole = String(repeating: "x", count: limit)
        #expect(ReportedProblems([whole, whole + "y"]).messages == [whole, whole + "…"])
        // One character of many scalars.
        let tower = "e" + String(repeating: "\u{301}", count: 10_000)
        #expect(ReportedProblems([tower]).messages.first?.unicodeScalars.count == limit + 1)
    }

    @Test func aTerminalIsNotWrittenTo() {
        #expect(ReportedProblems(["a\u{1B}[2Jb\nc\u{202E}d\u{2028}e"]).messages == ["a [2Jb c d e"])
    }
}
