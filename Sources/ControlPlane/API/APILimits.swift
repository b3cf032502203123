/// The bounds of the resource API.
package struct APILimits: Sendable {
    /// Bytes of a request body; Kubernetes takes 3 MiB.
    package var maximumBody: Int
    /// Seconds after which a watch is ended, whatever the client asked for; it goes on from where it was.
    package var maximumWatchSeconds: Int
    /// Seconds between two bookmarks of a quiet watch: they keep the connection alive.
    package var bookmarkSeconds: Int

    /// The defaults: 3 MiB, one hour, 30 seconds.
    package init(maximumBody: Int = 3 << 20, maximumWatchSeconds: Int = 3600, bookmarkSeconds: Int = 30) {
        self.maximumBody = maximumBody
        self.maximumWatchSeconds = maximumWatchSeconds
        self.bookmarkSeconds = bookmarkSeconds
    }
}
