"""A peer made of python h2, scripted. `client PORT SCRIPT` talks to our server; `server SCRIPT` listens for our client
and prints its port. Ends with the line `ok`, or with what was wrong."""
import socket
import struct
import sys

import h2.config
import h2.connection
import h2.events
import h2.settings

CONNECT = [(":method", "CONNECT"), (":authority", "10.0.0.1:80"), ("baggage", "k8s.pod.name=a"), ("forwarded", 'for="10.0.0.9:1"')]
GET = [(":method", "GET"), (":scheme", "http"), (":authority", "a"), (":path", "/")]


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def open_client(port):
    sock = socket.create_connection(("127.0.0.1", port), timeout=10)
    conn = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True))
    conn.initiate_connection()
    sock.sendall(conn.data_to_send())
    return sock, conn


def pump(sock, conn, until):
    """Reads events until `until(event)`; returns all of them."""
    seen = []
    while True:
        data = sock.recv(65536)
        if not data:
            raise SystemExit("the connection ended early; seen: %r" % seen)
        for event in conn.receive_data(data):
            seen.append(event)
            if isinstance(event, h2.events.DataReceived) and event.flow_controlled_length:
                conn.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            if until(event):
                sock.sendall(conn.data_to_send())
                return seen
        sock.sendall(conn.data_to_send())


def ended(event):
    return isinstance(event, h2.events.StreamEnded)


def body(events):
    return b"".join(e.data for e in events if isinstance(e, h2.events.DataReceived))


def expect(condition, text):
    if not condition:
        raise SystemExit(text)


def friendly_get(port):
    sock, conn = open_client(port)
    conn.send_headers(1, GET, end_stream=True)
    sock.sendall(conn.data_to_send())
    expect(body(pump(sock, conn, ended)) == b"hello from ambit\n", "wrong body")


def friendly_trailers(port):
    sock, conn = open_client(port)
    conn.send_headers(1, GET[:3] + [(":path", "/trailers")], end_stream=True)
    sock.sendall(conn.data_to_send())
    events = pump(sock, conn, ended)
    trailers = [e for e in events if isinstance(e, h2.events.TrailersReceived)]
    expect(trailers and dict(trailers[0].headers) in ({b"x-sum": b"42"}, {"x-sum": "42"}), "no trailers: %r" % trailers)


def friendly_tunnel(port):
    sock, conn = open_client(port)
    conn.send_headers(1, CONNECT)
    sock.sendall(conn.data_to_send())
    pump(sock, conn, lambda e: isinstance(e, h2.events.ResponseReceived))
    payload = bytes(range(256)) * 40
    conn.send_data(1, payload, end_stream=True, pad_length=13)
    sock.sendall(conn.data_to_send())
    expect(body(pump(sock, conn, ended)) == payload, "the tunnel changed its bytes")


def friendly_small_window(port):
    sock, conn = open_client(port)
    conn.update_settings({h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: 100})
    conn.send_headers(1, GET[:3] + [(":path", "/bytes/20000")], end_stream=True)
    sock.sendall(conn.data_to_send())
    expect(len(body(pump(sock, conn, ended))) == 20000, "wrong length")


def raw(port, payload, code, stream=None):
    """Sends frames behind h2's back; the server must answer with GOAWAY, or RST_STREAM on `stream`, of `code`."""
    sock, conn = open_client(port)
    pump(sock, conn, lambda e: isinstance(e, h2.events.SettingsAcknowledged))
    sock.sendall(payload)
    data = b""
    while True:
        more = sock.recv(65536)
        if not more:
            break
        data += more
        offset = 0
        while offset + 9 <= len(data):
            length = int.from_bytes(data[offset:offset + 3], "big")
            content = data[offset + 9:offset + 9 + length]
            if len(content) == length:
                kind = data[offset + 3]
                which = int.from_bytes(data[offset + 5:offset + 9], "big")
                if kind == 7 and stream is None:
                    expect(content[4:8] == struct.pack(">I", code), "GOAWAY %r" % content)
                    return
                if kind == 3 and which == stream:
                    expect(content == struct.pack(">I", code), "RST_STREAM %r" % content)
                    return
            offset += 9 + length
    raise SystemExit("the server did not object")


def literal(name, value):
    return bytes([0, len(name)]) + name + bytes([len(value)]) + value


REQUEST = literal(b":method", b"CONNECT") + literal(b":authority", b"a:1")

HOSTILE = {
    "rapid-reset": lambda port: raw(port, b"".join(frame(1, 5, i, REQUEST) + frame(3, 0, i, b"\0\0\0\x08") for i in range(1, 2401, 2)), 11),
    "continuation-flood": lambda port: raw(port, frame(1, 0, 1, REQUEST) + frame(9, 0, 1, b"") * 100, 11),
    "ping-flood": lambda port: raw(port, frame(6, 0, 0, b"12345678") * 1100, 11),
    "settings-flood": lambda port: raw(port, frame(4, 0, 0) * 100, 11),
    "empty-data-flood": lambda port: raw(port, frame(1, 4, 1, REQUEST) + frame(0, 0, 1) * 1100, 11),
    "window-overflow": lambda port: raw(port, frame(8, 0, 0, b"\x7f\xff\xff\xff"), 3),
    "bad-hpack": lambda port: raw(port, frame(1, 5, 1, b"\xff\xff\xff\xff\xff\xff"), 9),
    "upper-case": lambda port: raw(port, frame(1, 5, 1, REQUEST + literal(b"X", b"y")), 1, stream=1),
    "frame-size": lambda port: raw(port, b"\xff\xff\xff" + bytes([0, 0, 0, 0, 0, 1]), 6),
}

FRIENDLY = {"get": friendly_get, "trailers": friendly_trailers, "tunnel": friendly_tunnel, "small-window": friendly_small_window}


def serve(script):
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(10)
    print(listener.getsockname()[1], flush=True)
    sock, _ = listener.accept()
    sock.settimeout(10)
    conn = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
    conn.initiate_connection()
    sock.sendall(conn.data_to_send())
    if script == "push":
        sock.sendall(frame(5, 4, 1, b"\0\0\0\x02\x82"))
    if script == "goaway":
        sock.sendall(frame(7, 0, 0, struct.pack(">II", 0, 0)))
    while True:
        data = sock.recv(65536)
        if not data:
            return
        for event in conn.receive_data(data):
            if isinstance(event, h2.events.RequestReceived) and script == "tunnel":
                conn.send_headers(event.stream_id, [(":status", "200"), ("baggage", "k8s.pod.name=b")])
            if isinstance(event, h2.events.RequestReceived) and script == "early-reset":
                conn.reset_stream(event.stream_id, 7)
            if isinstance(event, h2.events.DataReceived):
                conn.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                if script == "tunnel" and event.data:
                    conn.send_data(event.stream_id, event.data, pad_length=3)
            if isinstance(event, h2.events.StreamEnded) and script == "tunnel":
                conn.end_stream(event.stream_id)
        sock.sendall(conn.data_to_send())


if __name__ == "__main__":
    if sys.argv[1] == "server":
        serve(sys.argv[2])
    else:
        {**FRIENDLY, **HOSTILE}[sys.argv[3]](int(sys.argv[2]))
        print("ok")
