import MeshModel

/// Reads objects from the resource API: one by name, lists, and changes as they happen.
struct ResourceQuery: Sendable {
    /// Objects of one kind, as they were at a revision of the store.
    struct List: Sendable {
        let kind: ResourceKind
        let objects: [JSONValue]
        let resourceVersion: String
    }

    private let client: APIClient
    /// Nil for all namespaces.
    private let namespace: String?
    private let selector: String?

    init(client: APIClient, namespace: String?, selector: String? = nil) {
        self.client = client
        self.namespace = namespace
        self.selector = selector
    }

    /// What a command line names, one list for each kind in the order in which they are named.
    func lists(_ items: [ResourceArguments.Item]) async throws -> [List] {
        var lists: [List] = []
        for item in items {
            let list: List
            if let name = item.name {
                list = List(kind: item.kind, objects: [try await object(item.kind, name)], resourceVersion: "")
            } else {
                list = try await self.list(item.kind)
            }
            if let position = lists.firstIndex(where: { $0.kind == item.kind }) {
                lists[position] = List(
                    kind: item.kind, objects: lists[position].objects + list.objects, resourceVersion: "")
            } else {
                lists.append(list)
            }
        }
        return lists
    }

    /// One object; a failure that says where it was looked for if it is not there.
    func object(_ kind: ResourceKind, _ name: String) async throws -> JSONValue {
        let reference = ResourceReference(kind: kind, namespace: namespace, name: name)
        let answer = try await refusalsNamed("\(reference)") {
            try await client.sendUnlessMissing(APIRequest(.fetch, reference.path))
        }
        guard let object = answer?.value else {
            let everywhere = kind.isNamespaced ? " -A" : ""
            throw CommandFailure(
                "\(reference) not found\(reference.place)",
                next: "see what there is with: ambitctl get \(kind.plural)\(everywhere)")
        }
        return typed(object, kind)
    }

    /// All objects of a kind.
    func list(_ kind: ResourceKind) async throws -> List {
        let request = APIRequest(
            .fetch, ResourceReference.collection(kind, namespace: namespace), query: selectorQuery)
        let value = try await refusalsNamed(kind.plural) { try await client.send(request) }.value
        return List(
            kind: kind, objects: (value?["items"]?.elements ?? []).map { typed($0, kind) },
            resourceVersion: value?["metadata"]?["resourceVersion"]?.asString ?? "")
    }

    /// Prints the objects of a kind and then every change, until it is interrupted. A connection that ends is taken up
    /// where it ended; when the server no longer has those changes, everything is listed again.
    func watch(_ kind: ResourceKind, printer: ResourcePrinter) async throws {
        var events = WatchPrinter(kind: kind, printer: printer)
        while true {
            let list = try await list(kind)
            events.list(list.objects)
            var version: String? = list.resourceVersion
            while let from = version {
                version = try await follow(kind, from: from, into: &events)
            }
        }
    }

    /// Follows changes from a version until the connection ends; the version to go on from, or nil to list again.
    private func follow(
        _ kind: ResourceKind, from version: String, into events: inout WatchPrinter
    ) async throws -> String? {
        let request = APIRequest(
            .fetch, ResourceReference.collection(kind, namespace: namespace),
            query: [("watch", "true"), ("resourceVersion", version), ("allowWatchBookmarks", "true")] + selectorQuery)
        let lines: LineSequence
        do {
            lines = try await client.lines(request)
        } catch let refusal as APIRefusal where refusal.status == 410 {
            return nil
        } catch let refusal as APIRefusal {
            throw refusal.failure(kind.plural)
        }
        var version = version
        var received = false
        do {
            for try await line in lines {
                received = true
                guard let event = try? JSONValue(reading: line), let object = event["object"] else { continue }
                switch event["type"]?.asString ?? "" {
                case "BOOKMARK": break
                case "ERROR":
                    if object["code"]?.integer == 410 { return nil }
                    throw CommandFailure(
                        "watching \(kind.plural): \(object["message"]?.asString ?? "the server gave up")",
                        next: "run the command again")
                case let type: events.change(type, typed(object, kind))
                }
                version = object["metadata"]?["resourceVersion"]?.asString ?? version
            }
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            // A connection that breaks is like one that ends: the next one says whether the server is still there.
        }
        if !received { try await Task.sleep(for: Self.pause) }
        return version
    }

    /// Between two attempts to follow when the first brought nothing.
    private static let pause = Duration.seconds(1)

    private var selectorQuery: [(name: String, value: String)] {
        selector.map { [(name: "labelSelector", value: $0)] } ?? []
    }

    private func refusalsNamed<Answer: Sendable>(
        _ name: String, _ body: () async throws -> Answer
    ) async throws -> Answer {
        do {
            return try await body()
        } catch let refusal as APIRefusal {
            throw refusal.failure(name)
        }
    }

    /// Lists may leave out what their items are; printed alone, an item must say it.
    private func typed(_ object: JSONValue, _ kind: ResourceKind) -> JSONValue {
        guard object["kind"] == nil else { return object }
        return JSONValue(
            members: [("apiVersion", .string(kind.apiVersion())), ("kind", .string(kind.kind))] + object.members)
    }
}
