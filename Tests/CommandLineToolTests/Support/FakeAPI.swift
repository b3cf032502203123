import Foundation
import Synchronization

@testable import CommandLineTool

/// A resource API in memory behind a `FakeServer`: objects by path, server-side apply as replacement, lists, deletion, and
/// refusals on demand.
final class FakeAPI: Sendable {
    struct State {
        var objects: [String: String] = [:]
        var version = 100
        /// Paths that a write is refused at, with the answer.
        var refusals: [String: FakeServer.Answer] = [:]
        /// Pages that are answered as they are.
        var pages: [String: FakeServer.Answer] = [:]
        /// What a watch sends before it ends.
        var events: [String] = []
        var requests: [String] = []
    }

    let state = Mutex(State())

    func handle(_ request: FakeServer.Request) -> FakeServer.Answer {
        state.withLock { state in
            let query = request.query.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "&")
            state.requests.append("\(request.method) \(request.path)" + (query.isEmpty ? "" : "?\(query)"))
            if let page = state.pages[request.path] { return page }
            switch request.method {
            case "PATCH": return apply(request, &state)
            case "DELETE": return remove(request, &state)
            default: return request.query["watch"] == nil ? read(request, &state) : watch(&state)
            }
        }
    }

    /// Stores objects as if they had been applied before.
    func store(_ objects: [String: String]) {
        state.withLock { $0.objects.merge(objects) { $1 } }
    }

    private func apply(_ request: FakeServer.Request, _ state: inout State) -> FakeServer.Answer {
        if let refusal = state.refusals[request.path] { return refusal }
        // Of merge patches, which the tests use for labels, only that they came is seen.
        if request.contentType == "application/merge-patch+json" {
            state.requests.append(String(decoding: request.body, as: UTF8.self))
            return state.objects[request.path].map { FakeServer.Answer(body: $0) } ?? Self.status(404, "not found")
        }
        guard request.contentType == "application/apply-patch+yaml", request.query["fieldManager"] == "ambitctl" else {
            return Self.status(415, "not a server-side apply")
        }
        var text = String(decoding: request.body, as: UTF8.self)
        let created = state.objects[request.path] == nil
        let bookkeeping = #""creationTimestamp":"2026-11-21T06:00:00Z","resourceVersion":"\#(state.version)","#
        text = text.replacingOccurrences(of: #""metadata":{"#, with: #""metadata":{"# + bookkeeping)
        state.version += 1
        if request.query["dryRun"] == nil { state.objects[request.path] = text }
        return FakeServer.Answer(status: created ? 201 : 200, body: text)
    }

    private func remove(_ request: FakeServer.Request, _ state: inout State) -> FakeServer.Answer {
        if let refusal = state.refusals[request.path] { return refusal }
        guard let object = state.objects.removeValue(forKey: request.path) else {
            return Self.status(404, "not found")
        }
        return FakeServer.Answer(body: object)
    }

    /// The object at the path, else the objects one level below it, in one namespace or in all.
    private func read(_ request: FakeServer.Request, _ state: inout State) -> FakeServer.Answer {
        if let object = state.objects[request.path] { return FakeServer.Answer(body: object) }
        let collection = request.path.split(separator: "/").last.map(String.init) ?? ""
        let isCollection = ResourceKindNames.plurals.contains(collection)
        guard isCollection else { return Self.status(404, "not found") }
        let isNamespaced = request.path.contains("/namespaces/")
        let root = String(request.path.dropLast(collection.count))
        let items = state.objects.filter { path, _ in
            let parts = path.split(separator: "/")
            guard parts.dropLast().last.map(String.init) == collection else { return false }
            return !isNamespaced || path.hasPrefix(root)
        }.filter { _, object in
            // Selectors of one equality, which is all that the tests use.
            let parts = (request.query["labelSelector"] ?? "").split(separator: "=")
            return parts.count != 2 || object.contains("\"\(parts[0])\":\"\(parts[1])\"")
        }
        let body = items.sorted { $0.key < $1.key }.map(\.value).joined(separator: ",")
        return FakeServer.Answer(
            body: #"{"kind":"List","metadata":{"resourceVersion":"\#(state.version)"},"items":[\#(body)]}"#)
    }

    private func watch(_ state: inout State) -> FakeServer.Answer {
        FakeServer.Answer(body: state.events.map { $0 + "\n" }.joined())
    }

    static func status(_ code: Int, _ message: String, causes: [(field: String, message: String)] = [])
        -> FakeServer.Answer
    {
        let list = causes.map { #"{"field":"\#($0.field)","message":"\#($0.message)"}"# }.joined(separator: ",")
        return FakeServer.Answer(
            status: code,
            body: #"{"kind":"Status","apiVersion":"v1","status":"Failure","message":"\#(message)","code":\#(code),"#
                + #""details":{"causes":[\#(list)]}}"#)
    }
}

private enum ResourceKindNames {
    static let plurals: Set<String> = [
        "namespaces", "serviceaccounts", "services", "serviceentries", "workloadentries", "workloadgroups",
        "virtualservices", "destinationrules", "gateways", "sidecars", "secrets",
        "peerauthentications", "authorizationpolicies",
    ]
}
