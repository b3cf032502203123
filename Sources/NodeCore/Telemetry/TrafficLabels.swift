package import MeshModel

/// The labels that all of Istio's standard metrics begin with (I 7.1): who reports, who called whom, by which service.
package enum TrafficLabels {
    /// The names, in the order of `values`.
    package static let names = [
        "reporter", "source_workload", "source_canonical_service", "source_canonical_revision",
        "source_workload_namespace", "source_principal", "source_app", "source_version", "source_cluster",
        "destination_service", "destination_service_namespace", "destination_service_name", "destination_workload",
        "destination_canonical_service", "destination_canonical_revision", "destination_workload_namespace",
        "destination_principal", "destination_app", "destination_version", "destination_cluster",
    ]

    /// The values; what is not known is "unknown", as Istio has it.
    package static func values(
        reporter: String, source: TelemetryEnd, destination: TelemetryEnd, service: Service?
    ) -> [String] {
        [
            reporter, known(source.workload), known(source.canonicalService), known(source.canonicalRevision),
            known(source.namespace), known(source.principal), known(source.canonicalService),
            known(source.canonicalRevision), known(source.cluster), known(service?.hostname), known(service?.namespace),
            known(service?.name), known(destination.workload), known(destination.canonicalService),
            known(destination.canonicalRevision), known(destination.namespace), known(destination.principal),
            known(destination.canonicalService), known(destination.canonicalRevision), known(destination.cluster),
        ]
    }

    /// `text`, or the word for a value that is missing.
    package static func known(_ text: String?) -> String {
        guard let text, !text.isEmpty else { return "unknown" }
        return text
    }
}
