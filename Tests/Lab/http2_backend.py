#!/usr/bin/env python3
"""An HTTP/2 server for tests, by python `h2`, with prior knowledge: does what the path asks.

    http2_backend.py --name v1 --port 7071

  /anything       200, JSON: name, method, path, headers, length of the content, number of the connection and of the stream
  /bytes/N        N bytes
  /hold           never answers; prints the path
  /reset          resets the stream with INTERNAL_ERROR
  /refuse/N       refuses the first N streams with the same x-key (REFUSED_STREAM), then answers
  /goaway         answers, and goes away
  /early          answers before the content has come
  /trailers       answers with trailers
"""

import argparse
import asyncio
import collections
import itertools
import json

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions
import hyperframe.frame

connections = itertools.count(1)
refused = collections.Counter()


class Connection(asyncio.Protocol):
    def __init__(self, name):
        self.name = name
        self.number = next(connections)
        self.http = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
        self.requests = {}
        self.waiting = {}
        # The last stream that is served, once it has said that it goes away: python h2 itself would serve none any more.
        self.last = None

    def connection_made(self, transport):
        self.transport = transport
        self.http.initiate_connection()
        self.flush()

    def flush(self):
        self.transport.write(self.http.data_to_send())

    def data_received(self, data):
        try:
            events = self.http.receive_data(data)
        except h2.exceptions.ProtocolError:
            self.flush()
            return self.transport.close()
        for event in events:
            self.react(event)
        self.flush()

    def react(self, event):
        if self.last is not None and (getattr(event, "stream_id", None) or 0) > self.last:
            return
        if isinstance(event, h2.events.RequestReceived):
            headers = [tuple(each) for each in event.headers]
            self.requests[event.stream_id] = [headers, 0]
            if dict(headers)[":path"] == "/early":
                self.answer(event.stream_id)
        elif isinstance(event, h2.events.DataReceived):
            if event.stream_id in self.requests:
                self.requests[event.stream_id][1] += len(event.data)
            self.http.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.StreamEnded):
            if event.stream_id in self.requests:
                self.answer(event.stream_id)
        elif isinstance(event, h2.events.StreamReset):
            self.requests.pop(event.stream_id, None)
            self.waiting.pop(event.stream_id, None)
        elif isinstance(event, h2.events.WindowUpdated):
            for stream in list(self.waiting):
                self.send(stream)

    def answer(self, stream):
        headers, length = self.requests.pop(stream)
        fields = dict(headers)
        path = fields[":path"].split("?")[0]
        word, _, number = path[1:].partition("/")
        if word == "hold":
            return print(path, flush=True)
        if word == "reset":
            return self.http.reset_stream(stream, h2.errors.ErrorCodes.INTERNAL_ERROR)
        if word == "refuse":
            refused[fields["x-key"]] += 1
            if refused[fields["x-key"]] <= int(number):
                return self.http.reset_stream(stream, h2.errors.ErrorCodes.REFUSED_STREAM)
        body = b"x" * int(number) if word == "bytes" else json.dumps({
            "name": self.name, "method": fields[":method"], "path": fields[":path"], "headers": headers, "length": length,
            "connection": self.number, "stream": stream}).encode()
        more = [("content-type", "application/json")]
        if fields[":method"] == "HEAD":
            return self.http.send_headers(stream, [(":status", "200"), *more], end_stream=True)
        self.http.send_headers(stream, [(":status", "200"), *more])
        self.waiting[stream] = [body, [("x-checksum", str(len(body)))] if word == "trailers" else None]
        self.send(stream)
        if word == "goaway" and self.last is None:
            self.last = self.http.highest_inbound_stream_id
            self.flush()
            self.transport.write(hyperframe.frame.GoAwayFrame(0, last_stream_id=self.last).serialize())

    def send(self, stream):
        body, trailers = self.waiting[stream]
        while body and (room := min(self.http.local_flow_control_window(stream), self.http.max_outbound_frame_size)) > 0:
            self.http.send_data(stream, body[:room])
            body = body[room:]
        if body:
            self.waiting[stream][0] = body
            return
        del self.waiting[stream]
        if trailers:
            self.http.send_headers(stream, trailers, end_stream=True)
        else:
            self.http.end_stream(stream)


async def serve(name, port):
    server = await asyncio.get_running_loop().create_server(lambda: Connection(name), None, port, backlog=1024)
    await server.serve_forever()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--name", required=True)
    parser.add_argument("--port", type=int, required=True)
    arguments = parser.parse_args()
    asyncio.run(serve(arguments.name, arguments.port))


if __name__ == "__main__":
    main()
