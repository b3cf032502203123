/// Reaches the spec of a whole document.
enum SpecDocument {
    /// A reader of `spec`; of an empty one where it is missing.
    static func reader(
        of document: JSONValue, _ findings: Findings, naming: ObjectReader.Naming = .exact
    ) -> ObjectReader {
        ObjectReader(
            document["spec"]?.asObject ?? JSONObject(), path: FieldPath("spec"), findings: findings, naming: naming)
    }
}
