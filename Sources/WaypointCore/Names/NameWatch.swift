/// Somebody's interest in the addresses of a name: until `end` it is asked for again whenever its answer is over. Confined to the
/// cache's loop.
final class NameWatch {
    let name: String
    /// The addresses are others now.
    let changed: () -> Void
    private weak var cache: NameCache?

    init(_ name: String, of cache: NameCache, changed: @escaping () -> Void) {
        self.name = name
        self.cache = cache
        self.changed = changed
    }

    /// Nobody wants to know any more.
    func end() {
        cache?.forget(self)
        cache = nil
    }
}
