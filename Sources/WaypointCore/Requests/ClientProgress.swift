/// How much of what was sent a client has taken, by one of two measures: nothing was taken between two looks that see the same.
enum ClientProgress: Equatable {
    /// Of one stream, whose content waits for its window.
    case ofStream(Int)
    /// Of the whole connection, in bytes: what was written less what has not been taken.
    case ofConnection(Int)
}
