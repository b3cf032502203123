/// Changes to the headers of requests and responses (I 2.12).
package struct HeaderOperations: Sendable, Hashable {
    /// Changes to one message's headers: first `remove`, then `set`, then `add`.
    package struct Changes: Sendable, Hashable {
        /// Headers that get this one value.
        package var set: [String: String] = [:]
        /// Headers that get one more value.
        package var add: [String: String] = [:]
        /// Headers that are taken away.
        package var remove: [String] = []

        init() {}
    }

    /// Of the request, before it is sent on.
    package var request = Changes()
    /// Of the response, before it is sent back.
    package var response = Changes()

    init(_ reader: ObjectReader) {
        if let changes = reader.object("request", about: "Changes of the request before it is sent on.") {
            request = Changes(changes)
        }
        if let changes = reader.object("response", about: "Changes of the response before it is sent back.") {
            response = Changes(changes)
        }
        reader.finish()
    }
}

extension HeaderOperations.Changes {
    fileprivate init(_ reader: ObjectReader) {
        set = reader.stringMap("set", about: "Headers that get this value instead of any they have.") ?? [:]
        add = reader.stringMap("add", about: "Headers that get this value besides those they have.") ?? [:]
        remove = reader.strings("remove", about: "Headers that are taken away.")
        reader.finish()
    }
}
