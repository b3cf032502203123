#!/usr/bin/env python3
"""What systemd does for a service of Type=notify with an fd store, in small: for tests where there is no systemd.

    service_parent.py FOLDER PROGRAM

Runs `PROGRAM proxy` and restarts it whenever it ends (Restart=always), keeps the descriptors that it sends with FDSTORE=1,
passes them to the next process (LISTEN_FDS, LISTEN_FDNAMES), follows MAINPID= to the next generation. Takes commands, one a
connection, on FOLDER/service.sock and answers in JSON: `state`, `reload` (runs `PROGRAM reload`), `restart` (SIGTERM to all of the service's
processes, then a new one), `kill` (SIGKILL to the main process). It is the subreaper, as init is for systemd.
"""

import array
import ctypes
import json
import os
import pathlib
import selectors
import signal
import socket
import sys
import time

PR_SET_CHILD_SUBREAPER = 36
RESTART_DELAY = 0.1


class ServiceParent:
    def __init__(self, folder, program):
        self.folder, self.program = pathlib.Path(folder), program
        self.store = []  # (name, descriptor)
        self.main, self.ready, self.status, self.starts = None, False, "", 0
        self.reloads = {}  # process: (connection, the file of its standard error)
        self.children = set()
        self.restarting = None
        self.watchdogs = 0
        self.start_at = 0.0
        self.selector = selectors.DefaultSelector()
        self.notify = self.listen("notify.sock", socket.SOCK_DGRAM)
        self.commands = self.listen("service.sock", socket.SOCK_STREAM)
        self.wake = socket.socketpair()
        for end in self.wake:
            end.setblocking(False)
        signal.set_wakeup_fd(self.wake[1].fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, lambda *_: self.stop())
        self.selector.register(self.wake[0], selectors.EVENT_READ, lambda: self.wake[0].recv(4096))
        self.selector.register(self.notify, selectors.EVENT_READ, self.notified)
        self.selector.register(self.commands, selectors.EVENT_READ, self.command)

    def listen(self, name, kind):
        path = self.folder / name
        path.unlink(missing_ok=True)
        made = socket.socket(socket.AF_UNIX, kind)
        made.bind(str(path))
        if kind == socket.SOCK_STREAM:
            made.listen(16)
        return made

    def spawn(self, word, with_store, stderr=None):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("LISTEN_")}
        environment["NOTIFY_SOCKET"] = str(self.folder / "notify.sock")
        if with_store:
            environment["WATCHDOG_USEC"] = "4000000"
        child = os.fork()
        if child:
            self.children.add(child)
            return child
        try:
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGCHLD, signal.SIGTERM):
                signal.signal(number, signal.SIG_DFL)
            if stderr is not None:
                os.dup2(stderr, 2)
            if with_store and self.store:
                # Out of the way first: the numbers from 3 on may be taken by the store itself.
                high = [os.dup2(fd, 500 + index) for index, (_, fd) in enumerate(self.store)]
                for index, fd in enumerate(high):
                    os.dup2(fd, 3 + index)
                environment |= {
                    "LISTEN_PID": str(os.getpid()), "LISTEN_FDS": str(len(high)),
                    "LISTEN_FDNAMES": ":".join(name for name, _ in self.store)}
                os.closerange(3 + len(high), 4096)
            else:
                os.closerange(3, 4096)
            os.execve(self.program, [self.program, word], environment)
        except OSError as error:
            os.write(2, f"{self.program}: {error}\n".encode())
        os._exit(203)

    def notified(self):
        message, controls, _, _ = self.notify.recvmsg(65536, socket.CMSG_SPACE(4))
        passed = array.array("i")
        for level, kind, data in controls:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                passed.frombytes(data[:4])
        fields = dict(line.split("=", 1) for line in message.decode().splitlines() if "=" in line)
        name = fields.get("FDNAME", "stored")
        if "FDSTOREREMOVE" in fields:
            for entry in [each for each in self.store if each[0] == name]:
                os.close(entry[1])
                self.store.remove(entry)
        elif "FDSTORE" in fields:
            self.store += [(name, fd) for fd in passed]
        if "MAINPID" in fields:
            self.main = int(fields["MAINPID"])
        self.ready = self.ready or "READY" in fields
        self.status = fields.get("STATUS", self.status)
        self.watchdogs += "WATCHDOG" in fields

    def command(self):
        connection, _ = self.commands.accept()
        word = connection.recv(64).decode().strip()
        if word == "reload":
            # A file, since the next generation goes on writing to it.
            errors = open(self.folder / f"reload-{time.monotonic_ns()}.log", "w+b", buffering=0)
            self.reloads[self.spawn("reload", False, errors.fileno())] = (connection, errors)
            return
        if word == "restart":
            self.restarting, self.ready = connection, False
            for child in self.processes():
                os.kill(child, signal.SIGTERM)
            return
        if word == "kill":
            self.ready = False
            os.kill(self.main, signal.SIGKILL)
        self.answer(connection, self.state())

    def state(self):
        return {
            "main": self.main, "ready": self.ready, "status": self.status, "starts": self.starts,
            "stored": sorted(name for name, _ in self.store), "processes": self.processes(), "watchdogs": self.watchdogs}

    def processes(self):
        """Children and those that were orphaned to us: the service's processes."""
        path = pathlib.Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
        return [int(word) for word in path.read_text().split() if int(word) not in self.reloads]

    @staticmethod
    def answer(connection, value):
        try:
            connection.sendall(json.dumps(value).encode())
        except OSError:
            pass
        connection.close()

    def reap(self):
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid in self.reloads:
                connection, errors = self.reloads.pop(pid)
                errors.seek(0)
                self.answer(connection, {"code": os.waitstatus_to_exitcode(status), "error": errors.read().decode()})
                errors.close()
            elif pid == self.main:
                self.main, self.ready = None, False
                self.start_at = time.monotonic() + (0 if self.restarting else RESTART_DELAY)

    def stop(self):
        for child in self.processes():
            os.kill(child, signal.SIGTERM)
        end = time.monotonic() + 8
        while self.processes() and time.monotonic() < end:
            self.reap()
            time.sleep(0.02)
        for child in self.processes():
            os.kill(child, signal.SIGKILL)
        os._exit(0)

    def run(self):
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        while True:
            # What a process has said comes before its end.
            for key, _ in self.selector.select(0.02):
                key.data()
            self.reap()
            if self.main is None and time.monotonic() >= self.start_at and not (self.restarting and self.processes()):
                self.main = self.spawn("proxy", True)
                self.starts += 1
            if self.restarting and self.ready:
                self.answer(self.restarting, self.state())
                self.restarting = None


def ask(folder, word, timeout=60):
    """Sends a command to the parent in `folder` and returns its answer."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(timeout)
        connection.connect(str(pathlib.Path(folder) / "service.sock"))
        connection.sendall(word.encode())
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
        return json.loads(b"".join(parts))


if __name__ == "__main__":
    ServiceParent(*sys.argv[1:]).run()
