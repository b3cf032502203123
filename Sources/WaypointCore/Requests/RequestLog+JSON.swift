package import MeshTelemetry

extension RequestLog {
    /// The line under the names of Istio's JSON access log (I 7.2), for `LOG_FORMAT=json`; what is not known is null.
    package var fields: LogFields {
        var fields = LogFields()
        fields.add("start_time", orNull: start)
        fields.add("method", orNull: method)
        fields.add("path", orNull: path)
        fields.add("protocol", orNull: method.isEmpty ? "" : version)
        fields.add("response_code", UInt64(max(status, 0)))
        fields.add("response_flags", flags.isEmpty ? "-" : flags)
        fields.add("response_code_details", orNull: details)
        fields.add("upstream_transport_failure_reason", orNull: failure)
        fields.add("bytes_received", bytesReceived)
        fields.add("bytes_sent", bytesSent)
        fields.add("duration", milliseconds)
        fields.add("upstream_service_time", orNull: serviceTime)
        fields.add("x_forwarded_for", orNull: forwardedFor)
        fields.add("user_agent", orNull: userAgent)
        fields.add("request_id", orNull: requestID)
        fields.add("authority", orNull: authority)
        fields.add("upstream_host", orNull: upstreamHost)
        fields.add("upstream_cluster", orNull: cluster)
        fields.add("downstream_local_address", orNull: downstreamLocal)
        fields.add("downstream_remote_address", orNull: downstreamRemote)
        fields.add("requested_server_name", orNull: serverName)
        fields.add("route_name", orNull: route)
        return fields
    }

    /// Writes the line in the log's form.
    func write(to worker: WaypointWorker) {
        if worker.configuration.logsJSON {
            let message = method.isEmpty ? "connection complete" : "request complete"
            worker.logger.log(.info, "access", message, fields: fields)
        } else {
            worker.logger.log(.info, "access", text)
        }
    }
}
