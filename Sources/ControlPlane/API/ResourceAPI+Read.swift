import MeshModel

extension ResourceAPI {
    /// All selected objects, and the revision to watch from. `limit` is not used: the whole list is answered at once.
    func list(
        _ call: APICall, _ place: APIRoute.Place, _ filter: ResourceFilter
    ) async throws(APIFailure) -> APIReply {
        let all: ResourceList
        do throws(StoreError) {
            all = try await store.list(kind: place.kind, namespace: place.namespace)
        } catch {
            throw APIFailure(error)
        }
        let items = all.resources.filter(filter.selects).map { place.document(of: $0) }
        if let table = try table(call, place) {
            return APIReply(200, .document(table.document(items, revision: String(all.revision))))
        }
        return APIReply(
            200,
            .document(
                .object([
                    "kind": .string("\(place.kind.kind)List"), "apiVersion": .string(place.apiVersion),
                    "metadata": .object(["resourceVersion": .string(String(all.revision))]), "items": .array(items),
                ])))
    }

    /// The changes after `resourceVersion`, as they happen. Without one, the present objects come first as added.
    func watch(
        _ call: APICall, _ place: APIRoute.Place, _ filter: ResourceFilter
    ) async throws(APIFailure) -> APIReply {
        var present: [Resource] = []
        let revision: Int64
        if let asked = call.query["resourceVersion"].flatMap({ Int64($0) }), asked > 0 {
            revision = asked
        } else {
            do throws(StoreError) {
                let all = try await store.list(kind: place.kind, namespace: place.namespace)
                present = all.resources.filter(filter.selects)
                revision = all.revision
            } catch {
                throw APIFailure(error)
            }
        }
        let asked = call.query["timeoutSeconds"].flatMap { Int($0) } ?? limits.maximumWatchSeconds
        let deadline = ContinuousClock.now + .seconds(min(max(asked, 1), limits.maximumWatchSeconds))
        let table = try table(call, place)
        let watch = WatchEvents(
            place: place, table: table, filter: filter, present: present, revision: revision, deadline: deadline,
            bookmark: call.flag("allowWatchBookmarks") ? .seconds(limits.bookmarkSeconds) : nil,
            changes: store.changes(after: revision))
        return APIReply(200, .events(AsyncThrowingStream { try await watch.next() }))
    }
}
