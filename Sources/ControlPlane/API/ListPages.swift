import FoundationEssentials
import MeshModel
import Synchronization

/// The rest of lists whose first pages were answered (`limit`, `continue`): what was true at the first page's revision stays
/// on all pages of one list, whatever is written meanwhile.
///
/// Held in memory, bounded; what is given up or too old is answered with 410, and the client lists again. Thread: any.
final class ListPages: Sendable {
    /// Which list a token continues: nobody else's, and with the same selectors.
    struct Scope: Hashable, Sendable {
        var user: String
        var path: [String]
        var selectors: [String]
    }

    /// One page.
    struct Page: Sendable {
        var resources: ArraySlice<Resource>
        var revision: Int64
        /// The token of the next page; empty on the last one.
        var next: String
        /// How many come after this page.
        var remaining: Int
    }

    private struct Held: Sendable {
        let scope: Scope
        let resources: [Resource]
        let revision: Int64
        let made: ContinuousClock.Instant
    }

    private struct State: Sendable {
        var lists: [String: Held] = [:]

        mutating func evict(where isCandidate: (Held) -> Bool) {
            let oldest = lists.filter { isCandidate($0.value) }.min { $0.value.made < $1.value.made }
            if let oldest { lists[oldest.key] = nil }
        }
    }

    private let limits: APILimits
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state = Mutex(State())

    init(_ limits: APILimits, now: @escaping @Sendable () -> ContinuousClock.Instant) {
        self.limits = limits
        self.now = now
    }

    /// The first page of a list; the whole list where it fits, or where no limit is asked for.
    func first(_ list: [Resource], revision: Int64, limit: Int, scope: Scope) -> Page {
        guard limit > 0, list.count > limit else {
            return Page(resources: list[...], revision: revision, next: "", remaining: 0)
        }
        let id = UUID().uuidString
        let held = Held(scope: scope, resources: list, revision: revision, made: now())
        state.withLock { state in
            forget(&state)
            while state.lists.values.count(where: { $0.scope.user == scope.user }) >= limits.maximumListsPerUser {
                state.evict { $0.scope.user == scope.user }
            }
            while !state.lists.isEmpty,
                state.lists.values.reduce(list.count, { $0 + $1.resources.count }) > limits.maximumHeldObjects
            {
                state.evict { _ in true }
            }
            state.lists[id] = held
        }
        return page(held, id, from: 0, limit: limit)
    }

    /// The page of a token. A token may be used again: a client that lost the answer repeats the request.
    func next(_ token: String, limit: Int, scope: Scope) throws(APIFailure) -> Page {
        let parts = token.split(separator: ".", maxSplits: 1)
        guard parts.count == 2, let offset = Int(parts[1]), offset > 0 else {
            throw APIFailure(400, "BadRequest", "continue: \"\(token)\" is no token of a list; list again without it")
        }
        let id = String(parts[0])
        let held = state.withLock { state in
            forget(&state)
            return state.lists[id]
        }
        guard let held, offset < held.resources.count else {
            throw APIFailure(
                410, "Expired",
                "continue: the list is no longer kept; lists are kept for \(limits.listLifetime); list again")
        }
        guard held.scope == scope else {
            throw APIFailure(400, "BadRequest", "continue: the token is of another list; repeat its path and selectors")
        }
        return page(held, id, from: offset, limit: limit > 0 ? limit : held.resources.count)
    }

    private func page(_ held: Held, _ id: String, from offset: Int, limit: Int) -> Page {
        let end = min(held.resources.count, offset + min(limit, held.resources.count))
        let remaining = held.resources.count - end
        return Page(
            resources: held.resources[offset..<end], revision: held.revision,
            next: remaining > 0 ? "\(id).\(end)" : "", remaining: remaining)
    }

    private func forget(_ state: inout State) {
        let oldest = now() - limits.listLifetime
        state.lists = state.lists.filter { $0.value.made >= oldest }
    }
}
