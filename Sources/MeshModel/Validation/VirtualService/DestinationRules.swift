/// The rules of where routes lead.
enum DestinationRules {
    static func check(_ destination: Destination, at path: FieldPath, _ findings: Findings) {
        if !destination.host.isEmpty, let problem = NameRules.host(destination.host, allowsWildcard: false) {
            findings.add(
                path.appending(key: "host"), destination.host, problem,
                destination.host.contains(":")
                    ? "write the host alone; a port is port: {number: 80}"
                    : "use a host such as reviews or api.example.com")
        }
        if let subset = destination.subset, !subset.isEmpty, let problem = NameRules.anyCaseLabel(subset) {
            findings.add(path.appending(key: "subset"), subset, problem, "use the name of a subset such as v1")
        }
    }

    /// The weights of one route.
    static func check(weights: [Int], at path: FieldPath, _ findings: Findings) {
        if weights.count > 1, weights.allSatisfy({ $0 == 0 }) {
            findings.add(
                path, "has \(weights.count) destinations without weight", "give each its share as weight",
                .required)
        }
    }
}
