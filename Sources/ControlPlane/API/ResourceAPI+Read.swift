import MeshModel

extension ResourceAPI {
    /// The selected objects, all or page by page, and the revision to watch from.
    func list(
        _ call: APICall, _ place: APIRoute.Place, _ filter: ResourceFilter
    ) async throws(APIFailure) -> APIReply {
        let page = try await page(call, place, filter)
        let items = page.resources.map { place.document(of: $0) }
        var metadata: JSONObject = ["resourceVersion": .string(String(page.revision))]
        if !page.next.isEmpty {
            metadata["continue"] = .string(page.next)
            // Kubernetes does not count what selectors have left.
            if !filter.isSelective { metadata["remainingItemCount"] = .int(Int64(page.remaining)) }
        }
        if let table = try table(call, place) {
            var document = table.document(items, revision: String(page.revision))
            document["metadata"] = .object(metadata)
            return APIReply(200, .document(document))
        }
        return APIReply(
            200,
            .document(
                .object([
                    "kind": .string("\(place.kind.kind)List"), "apiVersion": .string(place.apiVersion),
                    "metadata": .object(metadata), "items": .array(items),
                ])))
    }

    private func page(
        _ call: APICall, _ place: APIRoute.Place, _ filter: ResourceFilter
    ) async throws(APIFailure) -> ListPages.Page {
        let scope = ListPages.Scope(
            user: call.user.name, path: call.path,
            selectors: ["labelSelector", "fieldSelector"].map { call.query[$0] ?? "" })
        let limit = try call.number("limit") ?? 0
        if let token = call.query["continue"], !token.isEmpty {
            return try pages.next(token, limit: limit, scope: scope)
        }
        let all = try await all(place)
        if let asked = try call.number("resourceVersion"), asked > 0 {
            guard asked <= all.revision else {
                throw APIFailure(
                    504, "Timeout",
                    "resourceVersion: \(asked) is newer than anything here, which is at \(all.revision); was the state of "
                        + "ambitd restored from a copy? list again without it")
            }
            if call.query["resourceVersionMatch"] == "Exact", asked != all.revision {
                throw APIFailure(
                    410, "Expired", "resourceVersion: the state at \(asked) is not kept; it is at \(all.revision) now")
            }
        }
        return pages.first(
            all.resources.filter(filter.selects), revision: all.revision, limit: limit, scope: scope)
    }

    private func all(_ place: APIRoute.Place) async throws(APIFailure) -> ResourceList {
        do throws(StoreError) {
            return try await store.list(kind: place.kind, namespace: place.namespace)
        } catch {
            throw APIFailure(error)
        }
    }

    /// The changes after `resourceVersion`, as they happen. Without one, or with 0, or with `sendInitialEvents`, the present
    /// objects come first as added.
    func watch(
        _ call: APICall, _ place: APIRoute.Place, _ filter: ResourceFilter
    ) async throws(APIFailure) -> APIReply {
        let opened = try watches.take()
        let asked = try call.number("resourceVersion") ?? 0
        let wantsPresent = asked <= 0 || call.flag("sendInitialEvents")
        var start = WatchEvents.Start(revision: Int64(max(0, asked)))
        if wantsPresent || filter.selectsByLabels {
            let all = try await all(place)
            let selected = all.resources.filter(filter.selects)
            if wantsPresent { start = WatchEvents.Start(revision: all.revision, present: selected) }
            start.note(all.resources, filter)
        }
        start.marksEndOfPresent = call.flag("sendInitialEvents") && call.flag("allowWatchBookmarks")
        let seconds = try call.number("timeoutSeconds") ?? limits.maximumWatchSeconds
        let deadline = ContinuousClock.now + .seconds(min(max(seconds, 1), limits.maximumWatchSeconds))
        let watch = WatchEvents(
            place: place, table: try table(call, place), filter: filter, start: start, deadline: deadline,
            bookmark: call.flag("allowWatchBookmarks") ? .seconds(limits.bookmarkSeconds) : nil,
            changes: store.changes(after: start.revision), opened: opened)
        return APIReply(200, .events(AsyncThrowingStream { try await watch.next() }))
    }
}
