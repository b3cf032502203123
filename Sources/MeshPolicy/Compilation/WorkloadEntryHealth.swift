import MeshModel

/// The health of a WorkloadEntry as its status says it (I 1.4): the condition `Healthy`.
enum WorkloadEntryHealth {
    /// False only where the condition says `False`: an entry without status is healthy.
    static func isHealthy(_ object: JSONValue) -> Bool {
        let conditions = object["status"]?["conditions"]?.asArray ?? []
        return !conditions.contains { $0["type"]?.asString == "Healthy" && $0["status"]?.asString == "False" }
    }
}
