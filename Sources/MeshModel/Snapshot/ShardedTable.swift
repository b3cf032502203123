/// A dictionary that shares most of itself with its earlier versions.
///
/// Keys are spread over 256 dictionaries. A change to a copy duplicates the one dictionary that it touches and the list
/// of 256 references, not the whole: a few changes among 10,000 entries cost what 300 entries cost. Lookup is O(1).
struct ShardedTable<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private static var shardCount: Int { 256 }

    private var shards: [[Key: Value]]
    /// How many entries there are.
    private(set) var count = 0

    init() { shards = Array(repeating: [:], count: Self.shardCount) }

    private func index(of key: Key) -> Int {
        // The low bits choose the bucket inside a dictionary; these choose the dictionary.
        Int(truncatingIfNeeded: UInt(bitPattern: key.hashValue) >> 48) & (Self.shardCount - 1)
    }

    /// The value of `key`. Setting nil removes it.
    subscript(key: Key) -> Value? {
        get { shards[index(of: key)][key] }
        set {
            let shard = index(of: key)
            let before = shards[shard].count
            shards[shard][key] = newValue
            count += shards[shard].count - before
        }
    }

    /// Changes the value of `key` in place, starting from `initial` where there is none. `body` returns whether the value
    /// stays; false removes it.
    mutating func update(_ key: Key, initial: @autoclosure () -> Value, _ body: (inout Value) -> Bool) {
        let shard = index(of: key)
        let before = shards[shard].count
        var value = shards[shard].removeValue(forKey: key) ?? initial()
        if body(&value) { shards[shard][key] = value }
        count += shards[shard].count - before
    }

    /// Every value, in no order.
    var values: [Value] {
        var all: [Value] = []
        all.reserveCapacity(count)
        for shard in shards { all.append(contentsOf: shard.values) }
        return all
    }

    /// Every key, in no order.
    var keys: [Key] {
        var all: [Key] = []
        all.reserveCapacity(count)
        for shard in shards { all.append(contentsOf: shard.keys) }
        return all
    }
}
