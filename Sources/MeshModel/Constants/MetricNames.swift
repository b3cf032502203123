/// Names of the metrics as they are exposed; Istio's are Istio's, ours begin with `ambit_` (Z 8.1).
package enum MetricNames {
    /// The program and its version.
    package static let build = "istio_build"
    /// Connections that were opened.
    package static let connectionsOpened = "istio_tcp_connections_opened_total"
    /// Connections that were closed.
    package static let connectionsClosed = "istio_tcp_connections_closed_total"
    /// Connections that failed, with the flag that says why.
    package static let connectionsFailed = "istio_tcp_connections_failed_total"
    /// Bytes from the client.
    package static let receivedBytes = "istio_tcp_received_bytes_total"
    /// Bytes to the client.
    package static let sentBytes = "istio_tcp_sent_bytes_total"
    /// Requests that were answered.
    package static let requests = "istio_requests_total"
    /// How long requests took, from the first byte of one to the last byte of its answer.
    package static let requestDuration = "istio_request_duration_milliseconds"
    /// Bytes of requests' contents.
    package static let requestBytes = "istio_request_bytes"
    /// Bytes of answers' contents.
    package static let responseBytes = "istio_response_bytes"
    /// gRPC messages of requests.
    package static let requestMessages = "istio_request_messages_total"
    /// gRPC messages of answers.
    package static let responseMessages = "istio_response_messages_total"
    /// Sockets of the data path.
    package static let socketsOpen = "istio_tcp_sockets_open"
    /// Questions to the DNS proxy.
    package static let dnsRequests = "istio_dns_requests_total"
    /// Questions that it passed on.
    package static let dnsUpstreamRequests = "istio_dns_upstream_requests_total"
    /// Questions that it passed on in vain.
    package static let dnsUpstreamFailures = "istio_dns_upstream_failures_total"
    /// How long the answers to passed-on questions took.
    package static let dnsUpstreamDuration = "istio_dns_upstream_request_duration_seconds"
    /// Ends of discovery streams.
    package static let discoveryTerminations = "istio_xds_connection_terminations_total"
    /// Discovery responses.
    package static let discoveryMessages = "istio_xds_message_total"
    /// Their bytes.
    package static let discoveryMessageBytes = "istio_xds_message_bytes_total"
    /// Enrolled workloads that are served.
    package static let activeProxies = "workload_manager_active_proxy_count"
    /// Enrolled workloads that wait to be served.
    package static let pendingProxies = "workload_manager_pending_proxy_count"
    /// Enrolled workloads that were started.
    package static let proxiesStarted = "workload_manager_proxies_started_total"
    /// Enrolled workloads that were stopped.
    package static let proxiesStopped = "workload_manager_proxies_stopped_total"
    /// Open descriptors of the process.
    package static let openDescriptors = "process_open_fds"
    /// The limit of open descriptors.
    package static let maximumDescriptors = "process_max_fds"
    /// Tunnels refused or cut because the peer's certificate was revoked.
    package static let revokedPeers = "ambit_revoked_peers_total"
    /// Host names of endpoints that a waypoint has asked for, by what came of it.
    package static let nameLookups = "ambit_name_lookups_total"
    /// Bytes that are held for who has not taken them.
    package static let heldBytes = "ambit_held_bytes"
    /// The bound on those.
    package static let heldBytesLimit = "ambit_held_bytes_limit"
    /// New work refused because a bound was reached, by the bound's name.
    package static let limitRejections = "ambit_limit_rejections_total"
}
