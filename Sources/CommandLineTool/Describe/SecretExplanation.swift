import MeshModel

/// What is in a Secret, without what it is: names and sizes only. Pure.
enum SecretExplanation {
    /// NAME, BYTES.
    static func table(_ resource: Resource) -> Table {
        let data = (resource.object["data"]?.asObject?.list ?? []).sorted { $0.0 < $1.0 }
        return Table(
            ["NAME", "BYTES"],
            rows: data.map { name, value in
                [name, value.asString.flatMap(Base64Text.bytes).map { "\($0.count)" } ?? "?"]
            })
    }
}
