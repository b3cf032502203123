/// Who sees a resource by its `exportTo` (I 2.1).
enum ExportScope {
    /// Whether a resource of `owner` that names these namespaces is seen by a proxy in `namespace`.
    static func includes(_ namespace: String, exportTo: [String], owner: String) -> Bool {
        if exportTo.isEmpty { return true }
        return exportTo.contains { $0 == "*" || $0 == namespace || ($0 == "." && owner == namespace) }
    }
}
