#!/usr/bin/env python3
"""A gRPC client for tests, by grpcio: makes the calls of `grpc_backend.py` and prints what came of each, as JSON.

    grpc_caller.py HOST:PORT METHOD [--data TEXT] [--count N] [--size BYTES] [--pause S] [--timeout S] [--metadata NAME=VALUE ...]

`--count` calls are made one after the other on one channel; for Client and Both it is the number of messages of one call, each of
`--size` bytes, the last one after `--pause` seconds.
"""

import argparse
import json
import time

import grpc


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("target")
    parser.add_argument("method")
    parser.add_argument("--data", default="hello")
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--size", type=int, default=100)
    parser.add_argument("--pause", type=float, default=0)
    parser.add_argument("--timeout", type=float, default=20)
    parser.add_argument("--metadata", action="append", default=[])
    arguments = parser.parse_args()
    metadata = [tuple(each.split("=", 1)) for each in arguments.metadata]
    options = [("grpc.max_receive_message_length", -1), ("grpc.enable_retries", 0)]
    results = []
    with grpc.insecure_channel(arguments.target, options=options) as channel:
        path = f"/test.Echo/{arguments.method}"
        given = {"timeout": arguments.timeout, "metadata": metadata}

        def messages():
            for number in range(arguments.count):
                if number == arguments.count - 1:
                    time.sleep(arguments.pause)
                yield b"x" * arguments.size

        for _ in range(1 if arguments.method in ("Client", "Both", "Server") else arguments.count):
            try:
                if arguments.method == "Server":
                    answers = [each.decode() for each in channel.unary_stream(path)(arguments.data.encode(), **given)]
                    results.append({"code": 0, "answers": answers})
                elif arguments.method == "Client":
                    results.append({"code": 0, "answer": channel.stream_unary(path)(messages(), **given).decode()})
                elif arguments.method == "Both":
                    lengths = [len(each) for each in channel.stream_stream(path)(messages(), **given)]
                    results.append({"code": 0, "count": len(lengths), "length": sum(lengths)})
                else:
                    answer, call = channel.unary_unary(path).with_call(arguments.data.encode(), **given)
                    results.append({
                        "code": 0, "answer": answer.decode(), "trailers": dict(call.trailing_metadata() or ()),
                        "headers": dict(call.initial_metadata() or ())})
            except grpc.RpcError as error:
                results.append({"code": error.code().value[0], "message": error.details()})
    print(json.dumps(results))


if __name__ == "__main__":
    main()
