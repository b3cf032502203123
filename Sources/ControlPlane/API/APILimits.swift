/// The bounds of the resource API.
package struct APILimits: Sendable {
    /// Bytes of a request body; Kubernetes takes 3 MiB.
    package var maximumBody: Int
    /// Seconds after which a watch is ended, whatever the client asked for; it goes on from where it was.
    package var maximumWatchSeconds: Int
    /// Seconds between two bookmarks of a quiet watch: they keep the connection alive.
    package var bookmarkSeconds: Int
    /// Watches that are open at the same time, of all users; one more is answered with 429. Default 1,000.
    package var maximumWatches = 1_000
    /// Lists of one user whose further pages are kept; the oldest gives way, and its next page is answered with 410. Default 8.
    package var maximumListsPerUser = 8
    /// Objects in all kept lists together; the oldest list gives way. Default 100,000.
    package var maximumHeldObjects = 100_000
    /// How long the further pages of a list are kept. Default 5 minutes, as in Kubernetes.
    package var listLifetime: Duration = .seconds(300)

    /// The defaults: 3 MiB, one hour, 30 seconds.
    package init(maximumBody: Int = 3 << 20, maximumWatchSeconds: Int = 3600, bookmarkSeconds: Int = 30) {
        self.maximumBody = maximumBody
        self.maximumWatchSeconds = maximumWatchSeconds
        self.bookmarkSeconds = bookmarkSeconds
    }
}
