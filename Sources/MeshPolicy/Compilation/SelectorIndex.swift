/// Which selectors match a set of labels, without comparing every selector: each is found by one of its pairs.
struct SelectorIndex<Value> {
    private struct Pair: Hashable {
        let key: String
        let value: String
    }

    private struct Entry {
        let selector: [String: String]
        let value: Value
        let order: Int
    }

    private var byPair: [Pair: [Entry]] = [:]
    private var matchAll: [Entry] = []
    private var count = 0

    /// Adds a selector; an empty one matches everything.
    mutating func insert(_ selector: [String: String], _ value: Value) {
        let entry = Entry(selector: selector, value: value, order: count)
        count += 1
        if let first = selector.min(by: { $0.key < $1.key }) {
            byPair[Pair(key: first.key, value: first.value), default: []].append(entry)
        } else {
            matchAll.append(entry)
        }
    }

    /// The values whose selector is contained in `labels`, in the order of insertion.
    func matches(_ labels: [String: String]) -> [Value] {
        var found = matchAll
        if !byPair.isEmpty {
            for (key, value) in labels {
                guard let candidates = byPair[Pair(key: key, value: value)] else { continue }
                found += candidates.filter { entry in entry.selector.allSatisfy { labels[$0.key] == $0.value } }
            }
        }
        return found.count < 2 ? found.map(\.value) : found.sorted { $0.order < $1.order }.map(\.value)
    }
}
