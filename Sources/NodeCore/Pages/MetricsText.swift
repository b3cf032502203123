package import MeshTelemetry

/// The metrics page: what the workers, the mesh DNS and the control side count, one after another.
package enum MetricsText {
    /// Each element of `parts` holds snapshots of one set of families.
    package static func render(_ parts: [[MetricSnapshot]], format: MetricsFormat) -> String {
        let end = "# EOF\n"
        var page = ""
        for part in parts {
            let text = MetricsPage.render(part, format: format)
            page += text.hasSuffix(end) ? String(text.dropLast(end.count)) : text
        }
        return format == .openMetrics ? page + end : page
    }
}
