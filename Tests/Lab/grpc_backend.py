#!/usr/bin/env python3
"""A gRPC server for tests, by grpcio: every method takes and gives bytes as they are.

    grpc_backend.py --name v1 --port 7070

  /test.Echo/Unary     answers with its name, then what it got; the call's metadata come back as trailers `got-NAME`
  /test.Echo/Server    as many answers as the request says, one after the other
  /test.Echo/Client    one answer: how many messages came, and their length together
  /test.Echo/Both      each message back as it comes
  /test.Echo/Fail      ends with the status code that the request names, and a message
  /test.Echo/Sleep     waits as many seconds as the request says
"""

import argparse
import concurrent.futures
import time

import grpc


def unary(name):
    def answer(request, context):
        context.set_trailing_metadata([
            (f"got-{each.key}", each.value) for each in context.invocation_metadata()
            if each.key.startswith("x-") and not each.key.endswith("-bin")])
        return name.encode() + b" " + request
    return answer


def server(request, context):
    for number in range(int(request)):
        yield b"%d" % number


def client(requests, context):
    count = length = 0
    for each in requests:
        count += 1
        length += len(each)
    return b"%d %d" % (count, length)


def both(requests, context):
    yield from requests


def fail(request, context):
    code = next(each for each in grpc.StatusCode if each.value[0] == int(request))
    context.abort(code, "as you wished: 100 % ä")


def sleep(request, context):
    time.sleep(float(request))
    return b"awake"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--name", required=True)
    parser.add_argument("--port", type=int, required=True)
    arguments = parser.parse_args()
    methods = {
        "Unary": grpc.unary_unary_rpc_method_handler(unary(arguments.name)),
        "Server": grpc.unary_stream_rpc_method_handler(server),
        "Client": grpc.stream_unary_rpc_method_handler(client),
        "Both": grpc.stream_stream_rpc_method_handler(both),
        "Fail": grpc.unary_unary_rpc_method_handler(fail),
        "Sleep": grpc.unary_unary_rpc_method_handler(sleep),
    }
    it = grpc.server(
        concurrent.futures.ThreadPoolExecutor(32),
        options=[("grpc.max_receive_message_length", -1), ("grpc.so_reuseport", 0)])
    it.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("test.Echo", methods)])
    if not it.add_insecure_port(f"[::]:{arguments.port}"):
        raise SystemExit("the port is taken")
    it.start()
    it.wait_for_termination()


if __name__ == "__main__":
    main()
