/// What a metric family counts, as the Prometheus exposition formats name it.
package enum MetricKind: Sendable, Hashable {
    /// A count that only rises. Its samples are named `<family>_total`.
    case counter
    /// A value that rises and falls.
    case gauge
    /// Observations in buckets; the bounds rise strictly, `+Inf` is implied.
    case histogram(bounds: [Double])

    /// The word of the `# TYPE` line.
    package var typeName: String {
        switch self {
        case .counter: "counter"
        case .gauge: "gauge"
        case .histogram: "histogram"
        }
    }

    /// How many 64-bit slots one series takes: a histogram keeps a slot a bucket, one for `+Inf` and one for the sum.
    var slotCount: Int {
        switch self {
        case .counter, .gauge: 1
        case .histogram(let bounds): bounds.count + 2
        }
    }
}
