/// The two text forms of a metrics page, and their content types.
package enum MetricsFormat: Sendable, Hashable {
    /// Prometheus text exposition format 0.0.4.
    case prometheus
    /// OpenMetrics 1.0.
    case openMetrics

    /// The form that an `Accept` header asks for; Prometheus' own where it asks for none of the two.
    package init(accept: String?) {
        self = accept.map { $0.utf8.contains("application/openmetrics-text".utf8) } == true ? .openMetrics : .prometheus
    }

    /// The answer's `Content-Type`.
    package var contentType: String {
        switch self {
        case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        }
    }
}

extension Collection where Element: Equatable {
    /// Whether `part` occurs in this collection.
    fileprivate func contains(_ part: some Collection<Element>) -> Bool {
        var start = startIndex
        while start != endIndex {
            if self[start...].starts(with: part) { return true }
            start = index(after: start)
        }
        return part.isEmpty
    }
}
