import MeshModel
import RE2Engine

extension ResourceAPI {
    func create(_ call: APICall, _ place: APIRoute.Place) async throws(APIFailure) -> APIReply {
        var document = try document(call)
        if document.member("metadata", "resourceVersion") != nil {
            throw APIFailure(
                400, "BadRequest", "metadata.resourceVersion: is the server's; remove it from an object that is created"
            )
        }
        if document.member("metadata", "name") == nil,
            let prefix = document.member("metadata", "generateName")?.asString
        {
            document["metadata"]?["name"] = .string(GeneratedName.make(prefix))
        }
        var (resource, warnings) = try validated(document, place, name: nil)
        warnings += try await whatIsMissing(for: resource)
        if call.isDryRun {
            if try await stored(place, resource.metadata.name) != nil {
                throw APIFailure(
                    .alreadyExists(place.kind, namespace: place.namespace ?? "", name: resource.metadata.name))
            }
            return APIReply(201, .document(place.document(of: resource)), warnings: warnings)
        }
        let made = try await storing { store throws(StoreError) in try await store.create(resource) }
        return APIReply(201, .document(place.document(of: made)), warnings: warnings)
    }

    func replace(
        _ call: APICall, _ place: APIRoute.Place, _ name: String, subresource: String?
    ) async throws(APIFailure) -> APIReply {
        let old = try await existing(place, name)
        let new = try document(call)
        if let uid = new.member("metadata", "uid")?.asString, !uid.isEmpty { try check(uid: uid, of: old) }
        return try await write(call, place, old, new, subresource)
    }

    /// Refuses a write that is meant for another object that had this name.
    private func check(uid: String, of old: Resource) throws(APIFailure) {
        guard uid != old.metadata.uid else { return }
        throw APIFailure(
            409, "Conflict",
            "\(old.kind.plural) \"\(old.metadata.name)\" is another object than the one you have: its uid is \(old.metadata.uid), "
                + "not \(uid); read it again", kind: old.kind, name: old.metadata.name)
    }

    /// How often a patch is made anew on an object that others changed in between, before its client is told.
    private static let patchAttempts = 5

    /// A change of an object by one of the patch forms; server-side apply also creates it.
    ///
    /// A patch that names no resourceVersion is of whatever the object is: when somebody else writes between reading and
    /// writing, it is made anew.
    func patch(
        _ call: APICall, _ place: APIRoute.Place, _ name: String, subresource: String?
    ) async throws(APIFailure) -> APIReply {
        let patch = try document(call)
        let isBound = patch.member("metadata", "resourceVersion") != nil
        var attempt = 1
        while true {
            do throws(APIFailure) {
                return try await patchOnce(patch, call, place, name, subresource)
            } catch {
                guard error.isLostRace, !isBound, attempt < Self.patchAttempts else { throw error }
                attempt += 1
            }
        }
    }

    private func patchOnce(
        _ patch: JSONValue, _ call: APICall, _ place: APIRoute.Place, _ name: String, _ subresource: String?
    ) async throws(APIFailure) -> APIReply {
        switch call.contentType {
        case "application/apply-patch+yaml": return try await apply(patch, call, place, name, subresource)
        case "application/merge-patch+json":
            let old = try await existing(place, name)
            return try await write(call, place, old, MergePatch.merge(patch, into: old.object), subresource)
        case "application/json-patch+json":
            let old = try await existing(place, name)
            return try await write(call, place, old, try JSONPatch.apply(patch, to: old.object), subresource)
        case "application/strategic-merge-patch+json" where place.kind.group.isEmpty:
            let old = try await existing(place, name)
            let schema = ResourceSchemas.schema(of: place.kind)
            return try await write(
                call, place, old, try StrategicMergePatch.merge(patch, into: old.object, schema: schema), subresource)
        default:
            // As in Kubernetes, a strategic merge patch is for the core kinds: for others nobody has said which lists merge.
            throw APIFailure(
                415, "UnsupportedMediaType",
                "a patch of \(place.kind.plural) of type \(call.contentType) is not supported; send application/apply-patch+yaml, "
                    + "application/merge-patch+json or application/json-patch+json (kubectl patch --type=merge)")
        }
    }

    func delete(_ call: APICall, _ place: APIRoute.Place, _ name: String) async throws(APIFailure) -> APIReply {
        let gone = try await removed(call, place, name, try document(call)["preconditions"] ?? .null)
        // As in Kubernetes, whose clients read the answer so: these kinds answer with the object, the others with a Status.
        if place.kind == .service || place.kind == .serviceAccount {
            return APIReply(200, .document(place.document(of: gone)))
        }
        return APIReply(
            200,
            .document(
                .object([
                    "kind": .string("Status"), "apiVersion": .string("v1"), "metadata": .object([:]),
                    "status": .string("Success"),
                    "details": .object([
                        "name": .string(name), "group": .string(place.kind.group), "kind": .string(place.kind.plural),
                        "uid": .string(gone.metadata.uid),
                    ]),
                ])))
    }

    /// Deletes one object, while the preconditions hold.
    private func removed(
        _ call: APICall, _ place: APIRoute.Place, _ name: String, _ preconditions: JSONValue
    ) async throws(APIFailure) -> Resource {
        let version = preconditions["resourceVersion"]?.asString
        guard call.isDryRun || preconditions["uid"] != nil else {
            return try await deleted(place, name, expecting: version)
        }
        var attempt = 1
        while true {
            let old = try await existing(place, name)
            if let uid = preconditions["uid"]?.asString { try check(uid: uid, of: old) }
            if call.isDryRun { return old }
            do throws(APIFailure) {
                // Bound to what was just read: the object that goes is the one whose uid was compared.
                return try await deleted(place, name, expecting: version ?? old.metadata.resourceVersion)
            } catch {
                guard error.isLostRace, version == nil, attempt < Self.patchAttempts else { throw error }
                attempt += 1
            }
        }
    }

    private func deleted(
        _ place: APIRoute.Place, _ name: String, expecting: String?
    ) async throws(APIFailure) -> Resource {
        try await storing { store throws(StoreError) in
            try await store.delete(place.kind, namespace: place.namespace ?? "", name: name, expecting: expecting)
        }
    }

    func deleteAll(_ call: APICall, _ place: APIRoute.Place) async throws(APIFailure) -> APIReply {
        let filter = try ResourceFilter(place, call.query)
        // The answer and what is deleted are the objects themselves, whatever form the client prefers.
        _ = try document(call)
        var reading = call
        reading.accept = ""
        reading.query["limit"] = nil
        let listed = try await list(reading, place, filter)
        guard !call.isDryRun, case .document(let list) = listed.body else { return listed }
        for item in list["items"]?.asArray ?? [] {
            let resource = Resource(kind: place.kind, object: item)
            do throws(APIFailure) {
                _ = try await storing { store throws(StoreError) in
                    try await store.delete(
                        place.kind, namespace: resource.metadata.namespace, name: resource.metadata.name, expecting: nil
                    )
                }
                audit(call, place, resource)
            } catch {
                // Where somebody else deleted it first, it is gone, which was asked for.
                guard error.status == 404 else { throw error }
            }
        }
        return listed
    }

    private func apply(
        _ applied: JSONValue, _ call: APICall, _ place: APIRoute.Place, _ name: String, _ subresource: String?
    ) async throws(APIFailure) -> APIReply {
        guard let manager = call.query["fieldManager"], !manager.isEmpty else {
            throw .invalid("fieldManager", "an apply must say who applies; add ?fieldManager=NAME")
        }
        guard case .object = applied else {
            throw APIFailure(400, "BadRequest", "the request body must be an object, it is \(applied.typeName)")
        }
        // Owned are the fields that are stored: a Secret's stringData becomes data.
        let applied = place.kind == .secret ? SecretSpec.normalized(applied) : applied
        let old = try await stored(place, name)
        // An apply may say a part only, so that what counts is the whole that it leads to.
        var ownership = FieldOwnership(old?.object ?? .null)
        let merged = try ownership.apply(
            applied, by: manager, to: old?.object ?? .object(["metadata": .object([:])]), isForced: call.flag("force"))
        if let old { return try await write(call, place, old, merged, subresource) }
        var creation = call
        creation.body = Array(merged.compactText.utf8)
        creation.contentType = "application/json"
        return try await create(creation, place)
    }

    /// Stores a changed document in the place of `old`; a subresource takes only its own member.
    private func write(
        _ call: APICall, _ place: APIRoute.Place, _ old: Resource, _ document: JSONValue, _ subresource: String?
    ) async throws(APIFailure) -> APIReply {
        var document = document
        if let subresource {
            var whole = old.object
            whole[subresource] = document[subresource]
            document = whole
        } else if old.kind.hasStatus, old.object["status"] != document["status"] {
            // Status is changed through its own path only.
            document["status"] = old.object["status"]
        }
        let expecting = document.member("metadata", "resourceVersion")?.asString
        var (resource, warnings) = try validated(document, place, name: old.metadata.name)
        warnings += try await whatIsMissing(for: resource)
        if call.isDryRun { return APIReply(200, .document(place.document(of: resource)), warnings: warnings) }
        let written = try await storing { store throws(StoreError) in
            try await store.update(resource, expecting: expecting)
        }
        return APIReply(200, .document(place.document(of: written)), warnings: warnings)
    }

    /// The document of a body: JSON, or YAML where its media type says so; an empty object where a deletion has none.
    func document(_ call: APICall) throws(APIFailure) -> JSONValue {
        let isYAML = call.contentType == "application/yaml" || call.contentType == "application/apply-patch+yaml"
        // JSON is YAML, but its own reader is stricter and faster; clients send it under either name.
        if isYAML, call.body.first(where: { $0 > 0x20 }) != UInt8(ascii: "{") { return try YAMLBody.value(call.body) }
        guard isYAML || call.contentType.hasSuffix("json") || call.body.isEmpty else {
            throw APIFailure(
                415, "UnsupportedMediaType",
                "a body of type \(call.contentType) is not read here; send application/json or application/yaml")
        }
        if call.body.isEmpty, call.method == "DELETE" { return .object([:]) }
        do throws(JSONSyntaxError) {
            return try JSONValue(parsing: call.body, limits: JSONLimits(maximumBytes: limits.maximumBody))
        } catch {
            throw APIFailure(400, "BadRequest", "the request body is not JSON: \(error)")
        }
    }

    /// What knows regular expressions, so that none is stored that a waypoint could not use.
    private static let patterns = RE2Engine()

    /// Checks a document that belongs at a place (and under a name).
    private func validated(
        _ document: JSONValue, _ place: APIRoute.Place, name: String?
    ) throws(APIFailure) -> (Resource, warnings: [String]) {
        guard case .object = document else {
            throw APIFailure(400, "BadRequest", "the request body must be an object, it is \(document.typeName)")
        }
        var document = document
        if document["apiVersion"] == nil { document["apiVersion"] = .string(place.apiVersion) }
        if document["kind"] == nil { document["kind"] = .string(place.kind.kind) }
        if let other = document["kind"]?.asString.flatMap({ ResourceKind(rawValue: $0) }), other != place.kind {
            throw APIFailure(
                400, "BadRequest", "kind: \(other.kind) does not belong at this path; it is for \(place.kind.kind)")
        }
        if document["metadata"] == nil { document["metadata"] = .object([:]) }
        if let name, document.member("metadata", "name") == nil { document["metadata"]?["name"] = .string(name) }
        let namespace = document.member("metadata", "namespace")?.asString ?? ""
        if let wanted = place.namespace {
            if namespace.isEmpty { document["metadata"]?["namespace"] = .string(wanted) }
        } else if place.kind.isNamespaced {
            throw APIFailure(
                405, "MethodNotAllowed",
                "\(place.kind.kind) belongs in a namespace: use .../namespaces/NAMESPACE/\(place.kind.plural)")
        }
        let title = document.member("metadata", "name")?.asString ?? ""
        switch Validation.validate(document, patterns: Self.patterns) {
        case .failure(let problems): throw APIFailure(problems, of: title, kind: place.kind)
        case .success(let checked):
            let found = checked.resource
            if let name, found.metadata.name != name {
                throw APIFailure(
                    400, "BadRequest",
                    "metadata.name: \"\(found.metadata.name)\" is not the name in the path, \"\(name)\"")
            }
            if let wanted = place.namespace, found.metadata.namespace != wanted {
                throw APIFailure(
                    400, "BadRequest",
                    "metadata.namespace: \"\(found.metadata.namespace)\" is not the namespace in the path, \"\(wanted)\""
                )
            }
            return (found, checked.warnings.map(\.description))
        }
    }

    private func storing<Value: Sendable>(
        _ body: (any ResourceStore) async throws(StoreError) -> Value
    ) async throws(APIFailure) -> Value {
        do throws(StoreError) {
            return try await body(store)
        } catch {
            throw APIFailure(error)
        }
    }
}
