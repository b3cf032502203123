extension VirtualServiceSpec {
    /// When a request is tried again (I 2.8).
    package struct Retries: Sendable, Hashable {
        /// How often at most beyond the first time; 0 for never.
        package var attempts: Int
        /// How long one try may take; nil for the time of the whole request.
        package var perTryTimeout: Duration?
        /// The conditions, split at commas; nil for the default ones.
        package var retryOn: [String]?
        /// Whether other localities are tried; nil for no.
        package var retryRemoteLocalities: Bool?
        /// Whether endpoints that were tried are left out; nil for yes.
        package var retryIgnorePreviousHosts: Bool?
        /// The base of the pause between tries; nil for 25 ms.
        package var backoff: Duration?

        init(_ reader: ObjectReader) {
            attempts = reader.count("attempts", about: "How often at most beyond the first time; 0 for never.") ?? 0
            perTryTimeout = reader.duration("perTryTimeout", about: "How long one try may take.")
            retryOn = reader.string("retryOn", about: "What is tried again: conditions and statuses, with commas.")
                .flatMap { text in
                    text.isEmpty ? nil : text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
                }
            retryRemoteLocalities = reader.bool(
                "retryRemoteLocalities", about: "Whether endpoints of other localities are tried.")
            retryIgnorePreviousHosts = reader.bool(
                "retryIgnorePreviousHosts", about: "Whether endpoints that were tried are left out; true without.")
            backoff = reader.duration("backoff", about: "The base of the pause between tries; 25ms without.")
            reader.finish()
        }
    }
}
