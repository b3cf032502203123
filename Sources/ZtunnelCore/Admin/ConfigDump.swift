import HTTPWire
import LinuxSystem
package import MeshModel
import MeshTelemetry
package import NodeCore
import TLSEngine

/// The JSON of `/config_dump`, in the shape that `istioctl ztunnel-config` and `ambitctl ztunnel-config` read (Z 8.3).
///
/// Pure: made of what the node knows at one moment. Order is fixed, so that two dumps can be compared.
package struct ConfigDump: Sendable {
    /// What the mesh looks like.
    package var snapshot: MeshSnapshot
    /// The certificates of this node's identities.
    package var certificates: [CertificateStore.Status]
    /// The workloads that are enrolled here.
    package var enrolments: [EnrolmentStatus]
    /// The live connections.
    package var connections: [ConnectionSummary]
    /// The settings.
    package var configuration: NodeConfiguration
    /// The program's version.
    package var version: String

    /// Everything that the dump shows.
    package init(
        snapshot: MeshSnapshot, certificates: [CertificateStore.Status], enrolments: [EnrolmentStatus],
        connections: [ConnectionSummary], configuration: NodeConfiguration, version: String
    ) {
        self.snapshot = snapshot
        self.certificates = certificates
        self.enrolments = enrolments
        self.connections = connections
        self.configuration = configuration
        self.version = version
    }

    /// Indented JSON.
    package var json: String {
        var writer = JSONWriter(pretty: true)
        writer.beginObject()
        writer.array("workloads", snapshot.workloads.sorted { $0.uid < $1.uid }) { writer, workload in
            writer.workload(workload)
        }
        let services = snapshot.services.sorted { ($0.hostname, $0.namespace) < ($1.hostname, $1.namespace) }
        writer.array("services", services) { writer, service in
            writer.service(service, endpoints: snapshot.endpoints(of: service.key))
        }
        writer.array("policies", snapshot.policies.sorted { $0.key.description < $1.key.description }) {
            writer, policy in
            writer.policy(policy)
        }
        writer.field("stagedServices", snapshot.stagedServices.map(\.description))
        writer.array("certificates", certificates) { writer, status in writer.certificate(status) }
        writeWorkloadState(&writer)
        writeVersion(&writer)
        writeConfiguration(&writer)
        writer.endObject()
        return writer.text + "\n"
    }

    private func writeWorkloadState(_ writer: inout JSONWriter) {
        let byWorkload = Dictionary(grouping: connections, by: \.workloadUID)
        writer.key("workloadState")
        writer.beginObject()
        for status in enrolments {
            let record = status.record
            writer.key(record.uid)
            writer.beginObject()
            writer.field("state", status.problem == nil ? "Up" : "Pending")
            let own = byWorkload[record.uid] ?? []
            writer.key("connections")
            writer.beginObject()
            for (name, direction) in [("inbound", ConnectionSummary.Direction.inbound), ("outbound", .outbound)] {
                writer.array(name, own.filter { $0.direction == direction }) { writer, connection in
                    writer.beginObject()
                    writer.field("src", connection.source.description)
                    writer.field("originalDst", connection.originalDestination.description)
                    writer.field("actualDst", connection.actualDestination.description)
                    writer.field("protocol", connection.transport.rawValue)
                    writer.endObject()
                }
            }
            writer.endObject()
            writer.key("info")
            writer.beginObject()
            writer.field("name", record.name)
            writer.field("namespace", record.namespace)
            writer.field("serviceAccount", record.serviceAccount)
            writer.endObject()
            writer.endObject()
        }
        writer.endObject()
    }

    private func writeVersion(_ writer: inout JSONWriter) {
        writer.key("version")
        writer.beginObject()
        writer.field("version", version)
        writer.field("buildProfile", "release")
        writer.field("istioVersion", configuration.istioVersion)
        writer.field("cryptoProvider", "openssl")
        writer.endObject()
    }

    /// The settings, without tokens, headers and keys.
    private func writeConfiguration(_ writer: inout JSONWriter) {
        let plane = configuration.dataPlane
        writer.key("config")
        writer.beginObject()
        switch configuration.mode {
        case .shared: writer.field("proxyMode", "Shared")
        case .dedicated(let workload):
            writer.field("proxyMode", "Dedicated")
            writer.field("proxyWorkloadInfo", "\(workload.namespace)/\(workload.name)/\(workload.serviceAccount)")
        }
        writer.field("localNode", configuration.nodeName ?? "")
        writer.field("network", configuration.network)
        writer.field("clusterId", configuration.clusterID)
        writer.field("clusterDomain", configuration.clusterDomain)
        writer.field("trustDomain", configuration.trustDomain)
        writer.field("xdsAddress", configuration.discovery?.address.description ?? "")
        writer.field("caAddress", configuration.authority?.address.description ?? "")
        writer.field("localXdsPath", configuration.localStatePath ?? "")
        writer.field("certDirectory", configuration.certificateDirectory ?? "")
        writer.field("stateDirectory", configuration.stateDirectory)
        writer.field("runDirectory", configuration.runDirectory)
        writer.field("secretTtl", DurationText.text(configuration.certificateLifetime))
        writer.field("dnsProxy", configuration.dns)
        writer.field("ipv6Enabled", plane.ipv6)
        writer.field("numWorkerThreads", plane.workers)
        writer.field("packetMark", plane.packetMark ?? 0)
        writer.field("poolMaxStreamsPerConn", plane.limits.streamsPerTunnel)
        writer.field("poolUnusedReleaseTimeout", DurationText.text(plane.timeouts.tunnelIdle))
        writer.field("windowSize", plane.http2.initialStreamWindow)
        writer.field("connectionWindowSize", plane.http2.connectionWindow)
        writer.field("frameSize", plane.http2.maxFrameSize)
        writer.field("selfTerminationDeadline", DurationText.text(configuration.drainDeadline))
        writer.field("adminPort", configuration.adminPort)
        writer.field("statsPort", configuration.metricsPort)
        writer.field("readinessPort", configuration.readinessPort)
        writer.endObject()
    }
}
