/// Why the data path could not do what the control side asked of it.
package struct DataPlaneError: Error, Sendable, CustomStringConvertible {
    /// What callers tell apart.
    package enum Code: Sendable {
        /// A listener could not be opened in the workload's network namespace.
        case listen
        /// A worker's event loop could not be made, or its queue of commands is full.
        case worker
        /// The uid is already served.
        case duplicate
        /// Another workload of the host has the port already.
        case portTaken
        /// The uid is not served.
        case unknownWorkload
        /// The data path is draining and takes no new workload.
        case draining
    }

    /// What callers tell apart.
    package let code: Code
    /// What happened, to whom, and what to do.
    package let message: String

    /// Names a failure.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
