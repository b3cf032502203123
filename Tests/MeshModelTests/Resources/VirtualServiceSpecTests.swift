import MeshModel
import Testing

@Suite("VirtualService's spec")
struct VirtualServiceSpecTests {
    private func spec(_ text: String) throws -> VirtualServiceSpec {
        try VirtualServiceSpec(.object(["spec": try JSONValue(parsing: text.utf8)]))
    }

    @Test("routes are read in order, with what they match and where they go")
    func routes() throws {
        let read = try spec(
            #"""
            {"hosts":["reviews"],"http":[
            {"match":[{"headers":{"end-user":{"exact":"jason"},"x":{}},"uri":{"prefix":"/a"}}],"timeout":"1.5s",
             "route":[{"destination":{"host":"reviews","subset":"v2","port":{"number":9080}},"weight":90}]},
            {"redirect":{"uri":"/b","derivePort":"FROM_REQUEST_PORT"}}]}
            """#)
        #expect(read.hosts == ["reviews"])
        let first = try #require(read.http.first)
        #expect(first.match.first?.headers == ["end-user": .exact("jason"), "x": .present])
        #expect(first.match.first?.uri == .prefix("/a"))
        #expect(first.timeout == .milliseconds(1500))
        #expect(first.route.first?.destination.subset == "v2")
        #expect(first.route.first?.destination.port == 9080)
        #expect(first.route.first?.weight == 90)
        #expect(read.http.last?.redirect?.port == .request)
        #expect(read.http.last?.redirect?.code == 301)
    }

    @Test(
        "the mirror's percentage in every spelling, the newest first",
        arguments: [
            (#""mirrorPercentage":{"value":12.5}"#, 125_000), (#""mirror_percentage":{"value":12.5}"#, 125_000),
            (#""mirrorPercent":7"#, 70_000), (#""mirror_percent":100"#, 1_000_000),
            (#""mirror_percent":100,"mirrorPercentage":{"value":1}"#, 10_000), (#""mirrorPercentage":{}"#, 0),
            (#""name":"n""#, nil),
        ] as [(String, UInt32?)])
    func mirrors(_ member: String, _ millionths: UInt32?) throws {
        let read = try spec(#"{"http":[{"mirror":{"host":"b"},\#(member)}]}"#)
        #expect(read.http.first?.mirrorPercentage?.millionths == millionths)
    }

    @Test("origins of the older list are exact, and * is any")
    func origins() throws {
        let read = try spec(
            #"{"http":[{"corsPolicy":{"allowOrigin":["http://a","*"],"allowOrigins":[{"prefix":"b"}]}}]}"#)
        #expect(read.http.first?.corsPolicy?.allowOrigins == [.prefix("b"), .exact("http://a"), .exact("*")])
    }

    @Test("a body is text or base64")
    func bodies() throws {
        let read = try spec(
            #"{"http":[{"directResponse":{"status":200,"body":{"string":"é"}}},{"directResponse":{"status":503,"body":{"bytes":"AAE="}}}]}"#
        )
        #expect(read.http.map(\.directResponse?.body) == [Array("é".utf8), [0, 1]])
        #expect(read.http.map(\.directResponse?.status) == [200, 503])
    }
}
