import Synchronization

/// Counts open watches, so that they are bounded. A place is given back when its owner is let go.
final class WatchPlaces: Sendable {
    /// One open watch.
    final class Place: Sendable {
        private let places: WatchPlaces

        fileprivate init(_ places: WatchPlaces) {
            self.places = places
        }

        deinit { places.taken.withLock { $0 -= 1 } }
    }

    private let maximum: Int
    private let taken = Mutex(0)

    init(maximum: Int) {
        self.maximum = maximum
    }

    /// A place; throws 429 where there is none.
    func take() throws(APIFailure) -> Place {
        let isFree = taken.withLock { taken in
            guard taken < maximum else { return false }
            taken += 1
            return true
        }
        guard isFree else {
            throw APIFailure(
                429, "TooManyRequests",
                "\(maximum) watches are open, and no more are taken; end some, or try again later")
        }
        return Place(self)
    }
}
