import MeshModel

/// Who owns which field: the part of server-side apply that lets a manager's next apply remove what it no longer says.
///
/// Kept in `metadata.managedFields` in Kubernetes' FieldsV1 form, one entry a manager. Lists are owned whole. Kubernetes
/// "Server-Side Apply"; unlike there, an update by PUT or by another patch takes no ownership.
struct FieldOwnership {
    /// An object's fields as nested members `f:<name>`; a leaf is an empty object.
    typealias Fields = JSONObject

    /// Parts of a document that are the server's and never owned.
    private static let unowned: Set<String> = ["apiVersion", "kind", "status", "managedFields"]
    private static let unownedMetadata: Set<String> = [
        "name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "selfLink",
    ]

    private var entries: [(manager: String, fields: Fields)] = []

    /// Reads the owners that an object names.
    init(_ object: JSONValue) {
        for entry in object.member("metadata", "managedFields")?.asArray ?? [] {
            guard let manager = entry["manager"]?.asString, let fields = entry["fieldsV1"]?.asObject else { continue }
            entries.append((manager, fields))
        }
    }

    /// The live object with what `manager` applies. What it owned before and does not say any more is removed unless
    /// another manager owns it too. Throws where another manager owns a field that gets another value, unless forced.
    mutating func apply(
        _ applied: JSONValue, by manager: String, to live: JSONValue, isForced: Bool
    ) throws(APIFailure) -> JSONValue {
        let owned = Self.fields(of: applied)
        var others: [(manager: String, fields: Fields)] = []
        for entry in entries where entry.manager != manager {
            var conflicts: [String] = []
            Self.findConflicts(entry.fields, owned, applied, live, at: FieldPath(), into: &conflicts)
            guard conflicts.isEmpty || isForced else {
                throw APIFailure(
                    409, "Conflict",
                    "\(entry.manager) owns \(conflicts.joined(separator: ", ")) with other values; apply with force to take them over",
                    causes: conflicts.map { field in
                        APIFailure.Cause(
                            field: field, message: "conflict with \"\(entry.manager)\"", reason: "FieldManagerConflict")
                    })
            }
            others.append((entry.manager, conflicts.isEmpty ? entry.fields : Self.subtract(owned, from: entry.fields)))
        }
        let before = entries.first { $0.manager == manager }?.fields ?? [:]
        var kept = owned
        for other in others { kept = Self.union(kept, other.fields) }
        var result = Self.remove(Self.subtract(kept, from: before), from: live)
        result = MergePatch.merge(applied, into: result, nullRemoves: false)
        entries = others + [(manager, owned)]
        result["metadata"]?["managedFields"] = document(apiVersion: applied["apiVersion"]?.asString ?? "")
        return result
    }

    private func document(apiVersion: String) -> JSONValue {
        .array(
            entries.filter { !$0.fields.isEmpty }.map { entry in
                .object([
                    "manager": .string(entry.manager), "operation": .string("Apply"), "apiVersion": .string(apiVersion),
                    "fieldsType": .string("FieldsV1"), "fieldsV1": .object(entry.fields),
                ])
            })
    }

    private static func fields(of document: JSONValue) -> Fields {
        var fields = JSONObject()
        for (key, value) in document.asObject?.list ?? [] where !unowned.contains(key) {
            if key == "metadata" {
                var metadata = JSONObject()
                for (name, member) in value.asObject?.list ?? [] where !unownedMetadata.contains(name) {
                    metadata["f:\(name)"] = .object(leaves(member))
                }
                if !metadata.isEmpty { fields["f:metadata"] = .object(metadata) }
            } else {
                fields["f:\(key)"] = .object(leaves(value))
            }
        }
        return fields
    }

    private static func leaves(_ value: JSONValue) -> Fields {
        var fields = JSONObject()
        for (key, member) in value.asObject?.list ?? [] { fields["f:\(key)"] = .object(leaves(member)) }
        return fields
    }

    private static func union(_ left: Fields, _ right: Fields) -> Fields {
        var result = left
        for (key, value) in right.list {
            result[key] = .object(union(result[key]?.asObject ?? [:], value.asObject ?? [:]))
        }
        return result
    }

    /// What is in `fields` and not in `taken`, leaf by leaf.
    private static func subtract(_ taken: Fields, from fields: Fields) -> Fields {
        var result = JSONObject()
        for (key, value) in fields.list {
            guard let other = taken[key]?.asObject else {
                result[key] = value
                continue
            }
            let rest = subtract(other, from: value.asObject ?? [:])
            if !rest.isEmpty { result[key] = .object(rest) }
        }
        return result
    }

    private static func remove(_ fields: Fields, from value: JSONValue) -> JSONValue {
        var result = value
        for (key, inner) in fields.list {
            let name = String(key.dropFirst(2))
            guard let member = result[name] else { continue }
            let deeper = inner.asObject ?? [:]
            if deeper.isEmpty {
                result[name] = nil
            } else {
                let rest = remove(deeper, from: member)
                result[name] = rest == .object([:]) ? nil : rest
            }
        }
        return result
    }

    private static func findConflicts(
        _ theirs: Fields, _ ours: Fields, _ applied: JSONValue, _ live: JSONValue, at path: FieldPath,
        into conflicts: inout [String]
    ) {
        for (key, inner) in theirs.list {
            guard let mine = ours[key]?.asObject else { continue }
            let name = String(key.dropFirst(2))
            let place = path.appending(key: name)
            if inner.asObject?.isEmpty ?? true || mine.isEmpty {
                if applied[name] != live[name] { conflicts.append(place.description) }
            } else {
                findConflicts(
                    inner.asObject ?? [:], mine, applied[name] ?? .null, live[name] ?? .null, at: place,
                    into: &conflicts)
            }
        }
    }
}
