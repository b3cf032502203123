import HTTPWire
import TestModels

/// What a request and its response are to be; the request's path says it to the application.
struct ModelPlan {
    /// How the application ends its response.
    enum Framing: String, CaseIterable {
        case length
        case chunked
        /// By the end of the connection.
        case close
        /// In the middle, by the end of the connection.
        case broken
    }

    /// Bytes of content.
    let request: Int
    let response: Int
    let framing: Framing
    /// The response comes before the request is complete.
    let isEarly: Bool

    init(_ random: inout ModelRandom, mayBeEarly: Bool) {
        request = random.size(upTo: 400_000)
        response = random.size(upTo: 400_000)
        framing = Framing.allCases.randomElement(using: &random) ?? .length
        isEarly = mayBeEarly && random.one(in: 3)
    }

    init?(path: String) {
        let parts = path.split(separator: "/")
        guard parts.count == 4, let request = Int(parts[0]), let response = Int(parts[1]),
            let framing = Framing(rawValue: String(parts[2]))
        else { return nil }
        self.request = request
        self.response = response
        self.framing = framing
        isEarly = parts[3] == "early"
    }

    var head: HTTPFieldBlock {
        var head = HTTPFieldBlock.request(
            method: "POST", scheme: "http", authority: "web",
            path: "/\(request)/\(response)/\(framing.rawValue)/\(isEarly ? "early" : "late")")
        head.append(name: "content-length", value: String(request))
        return head
    }
}
