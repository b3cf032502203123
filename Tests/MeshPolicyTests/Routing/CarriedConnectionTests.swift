import MeshModel
import MeshPolicy
import Testing

/// Which connections to a port that is not declared are carried whatever their first bytes look like.
@Suite struct CarriedConnectionTests {
    private static let there = #""route":[{"destination":{"host":"reviews"}}]"#

    @Test(arguments: [
        (#""tcp":[{\#(there)}]"#, true),
        (#""tcp":[{"match":[{"port":9080}],\#(there)}]"#, true),
        (#""tcp":[{"match":[{"port":9081}],\#(there)}]"#, false),
        (#""tcp":[{"match":[{"sourceNamespace":"team"}],\#(there)}]"#, false),
        (#""tcp":[{"match":[{"port":9081}],\#(there)},{"match":[{"sourceNamespace":"shop"}],\#(there)}]"#, true),
        (#""tcp":[{\#(there)}],"http":[{\#(there)}]"#, false),
        (#""http":[{\#(there)}]"#, false),
        (#""tls":[{"match":[{"sniHosts":["reviews"]}],\#(there)}]"#, false),
        (#""tcp":[{"match":[{"gateways":["front"]}],\#(there)}]"#, false),
    ])
    func aRouteOfTCPForTheConnectionAndNoneForRequests(_ spec: String, _ isCarried: Bool) throws {
        let sources = try Mesh.sources([#"{"hosts":["reviews"],\#(spec)}"#])
        let routes = try #require(RouteTable(waypoint: sources, Mesh.engine).routes(of: Mesh.name("reviews")))
        let facts = RequestFacts(port: 9080, client: RequestFacts.Client(namespace: "shop", labels: [:]))
        #expect(routes.carries(facts) == isCarried)
    }

    @Test func withoutAVirtualServiceRequestsAreToldApart() throws {
        let routes = try #require(
            RouteTable(waypoint: try Mesh.sources([]), Mesh.engine).routes(of: Mesh.name("reviews")))
        #expect(!routes.carries(RequestFacts(port: 9080)))
    }
}
