import MeshModel
package import MeshTelemetry

/// Enrolments as the control socket shows them: what was asked for, and what became of it.
package struct EnrolmentJSON: Sendable {
    /// What was asked for, and whether it is served.
    package let status: EnrolmentStatus
    /// Istio's name of the certificate's state.
    package let certificate: String
    /// Whether the mesh's state has a record of the workload.
    package let isKnownToControlPlane: Bool
    /// Why the control plane does not take it, if it said so.
    package let refusal: String?
    /// What probe and drain say.
    package let health: WorkloadHealthState

    /// One enrolment.
    package init(
        status: EnrolmentStatus, certificate: String, isKnownToControlPlane: Bool, refusal: String?,
        health: WorkloadHealthState
    ) {
        self.status = status
        self.certificate = certificate
        self.isKnownToControlPlane = isKnownToControlPlane
        self.refusal = refusal
        self.health = health
    }

    /// Writes the object; fields without a value are left out.
    package func write(_ writer: inout JSONWriter) {
        let record = status.record
        writer.beginObject()
        writer.field("kind", record.target.kind)
        writer.field("target", record.target.text)
        writer.field("name", record.name)
        writer.field("namespace", record.namespace)
        writer.field("serviceAccount", record.serviceAccount)
        if !record.labels.isEmpty {
            writer.key("labels")
            writer.beginObject()
            for (name, value) in record.labels.sorted(by: { $0.key < $1.key }) { writer.field(name, value) }
            writer.endObject()
        }
        if !status.ports.isEmpty {
            writer.key("ports")
            writer.beginObject()
            for (name, value) in status.ports.sorted(by: { $0.key < $1.key }) { writer.field(name, value) }
            writer.endObject()
        }
        if record.weight > 0 { writer.field("weight", record.weight) }
        if !record.locality.isEmpty { writer.field("locality", record.locality) }
        if !record.group.isEmpty { writer.field("group", record.group) }
        if !record.source.isEmpty { writer.field("source", record.source) }
        writer.field("uid", record.uid)
        writer.field("addresses", status.addresses.map(\.description))
        writer.field("ready", status.problem == nil && certificate == "Available" && isKnownToControlPlane)
        writer.field("certificate", certificate)
        writer.field("knownToControlPlane", isKnownToControlPlane)
        if let probe = health.probe {
            writer.field("health", probe.health.rawValue)
            if !probe.answer.isEmpty { writer.field("probeAnswer", probe.answer) }
        }
        if health.drain != nil { writer.field("drained", true) }
        if let problem = status.problem ?? refusal { writer.field("problem", problem) }
        if let note = status.note { writer.field("note", note) }
        writer.endObject()
    }
}
