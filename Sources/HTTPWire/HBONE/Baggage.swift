/// The `baggage` of an HBONE request or response: who the workload is, in the words of Istio's telemetry.
///
/// It is a hint for metrics and logs, never for a decision: the peer writes it.
package struct Baggage: Hashable, Sendable {
    /// `k8s.cluster.name`.
    package var cluster = ""
    /// `k8s.namespace.name`.
    package var namespace = ""
    /// The middle word of `k8s.<type>.name`.
    package var workloadType = WorkloadType.deployment
    /// `k8s.<type>.name`.
    package var workloadName = ""
    /// `service.name`: the canonical name.
    package var serviceName = ""
    /// `service.version`: the canonical revision.
    package var serviceVersion = ""
    /// `cloud.region`.
    package var region = ""
    /// `cloud.availability_zone`.
    package var zone = ""

    /// The workload types that Istio tells apart.
    package enum WorkloadType: String, Hashable, Sendable, CaseIterable {
        case deployment
        case cronjob
        case pod
        case job
    }

    /// All empty.
    package init() {}

    /// Reads the values of all `baggage` fields of a message. Unknown keys, members without `=`, empty values and
    /// properties after `;` are ignored; a later value replaces an earlier one.
    package init(parsing values: [String]) {
        for value in values {
            for member in value.utf8.split(separator: 0x2c) {
                let bare = member.prefix { $0 != 0x3b }
                guard let equals = bare.firstIndex(of: 0x3d) else { continue }
                let key = Self.trimmed(bare[..<equals])
                let text = PercentCoding.decode(Self.trimmed(bare[bare.index(after: equals)...]))
                guard !text.isEmpty else { continue }
                set(key, text)
            }
        }
    }

    /// Reads the `baggage` fields of `fields`; nil if there are none.
    package init?(_ fields: HTTPFieldBlock) {
        let values = fields.all("baggage")
        guard !values.isEmpty else { return nil }
        self.init(parsing: values)
    }

    private mutating func set(_ key: String, _ text: String) {
        switch key {
        case "k8s.cluster.name": cluster = text
        case "k8s.namespace.name": namespace = text
        case "service.name": serviceName = text
        case "service.version": serviceVersion = text
        case "cloud.region": region = text
        case "cloud.availability_zone": zone = text
        default:
            for type in WorkloadType.allCases where key == "k8s.\(type.rawValue).name" {
                workloadType = type
                workloadName = text
            }
        }
    }

    private static func trimmed(_ bytes: Substring.UTF8View) -> String {
        var rest = bytes
        while let first = rest.first, first == 0x20 || first == 0x09 { rest = rest.dropFirst() }
        while let last = rest.last, last == 0x20 || last == 0x09 { rest = rest.dropLast() }
        return String(Substring(rest))
    }

    /// The field's value: Istio's keys in Istio's order, empty ones left out. Characters that would break the list are
    /// percent-encoded.
    package var value: String {
        let members = [
            ("k8s.cluster.name", cluster), ("k8s.namespace.name", namespace),
            ("k8s.\(workloadType.rawValue).name", workloadName), ("service.name", serviceName),
            ("service.version", serviceVersion), ("cloud.region", region), ("cloud.availability_zone", zone),
        ]
        return members.filter { !$0.1.isEmpty }
            .map { key, text in key + "=" + PercentCoding.encode(text, where: Self.isPlain) }
            .joined(separator: ",")
    }

    /// W3C baggage section 3.3.1: baggage-octet.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x21, 0x23...0x2b, 0x2d...0x3a, 0x3c...0x5b, 0x5d...0x7e: true
        default: false
        }
    }
}
