/// One counter for each rate of `HTTP2Limits`.
struct HTTP2RateCounters: Sendable {
    var earlyResets = HTTP2RateCounter()
    var resets = HTTP2RateCounter()
    var resetsCaused = HTTP2RateCounter()
    var pings = HTTP2RateCounter()
    var settings = HTTP2RateCounter()
    var emptyDataFrames = HTTP2RateCounter()
    var priorityFrames = HTTP2RateCounter()
    var windowUpdates = HTTP2RateCounter()
    var unknownFrames = HTTP2RateCounter()
}
