#!/usr/bin/env python3
"""Counts the user-space instructions that the gateway spends on a call, which are nearly the same on every machine and in every run.

    bench/instructions.py            # holds them to bench/instructions.json: fails where one has grown by more than a tenth
    bench/instructions.py --update   # writes them there

Three calls over an Agile CRM connection: a page of 20 contacts, a page of one, and a PATCH (which reads the contact and writes a part of
it). The vendor is a process of its own, on loopback. Needs valgrind, and a release build of the gateway: TRUNKLINE_BIN, or
target/release/trunkline.
"""

import http.client
import json
import os
import re
import runpy
import socket
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HERE = Path(__file__).resolve().parent
COMMITTED = HERE / "instructions.json"
TRUNKLINE = os.environ.get("TRUNKLINE_BIN", str(HERE.parent / "target/release/trunkline"))
# How much a figure may grow before it is a failure: the log of calls is written at moments of its own.
MOST_GROWTH = 0.10
WARM_UP, COUNTED = 30, 200

pages = runpy.run_path(str(HERE / "agile-page.py"))
TWENTY, ONE = pages["page"](20), pages["page"](1)


class Vendor(BaseHTTPRequestHandler):
    """Agile CRM as far as the calls need it."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if re.search(r"/contacts/\d+$", self.path):
            return self.answer(ONE[0])
        return self.answer(ONE if "page_size=1&" in self.path + "&" else TWENTY)

    def do_PUT(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.answer(ONE[0])

    def answer(self, value):
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Gateway:
    """A gateway below callgrind, with one connection."""

    def __init__(self, folder, vendor):
        self.folder, self.port = folder, free_port()
        (folder / "trunkline.toml").write_text(
            f'[server]\nlisten = "127.0.0.1:{self.port}"\n[store]\ndatabase = "{folder}/trunkline.sqlite"\n'
            f'[log]\nfilter = "warn"\n[connectors.agile-crm]\nbase_url = "http://127.0.0.1:{vendor}/dev/api"\n'
            "limits = { requests = 10000000, per_seconds = 1, concurrency = 1000 }\n"
        )
        self.environment = os.environ | {"TRUNKLINE_MASTER_KEY": self.run("master-key", "generate").strip()}
        self.run("apps", "add", "bench")
        key = json.loads(self.run("api-keys", "add", "--app", "bench", "--json"))["api_key"]
        settings = ["domain=acme", "email=a@b.example", "api_key=k"]
        place = ["--app", "bench", "--consumer", "someone", "--service", "agile-crm"]
        self.run("connections", "add", *place, *(part for setting in settings for part in ("--set", setting)))
        self.headers = {
            "authorization": f"Bearer {key}",
            "x-apideck-app-id": "bench",
            "x-apideck-consumer-id": "someone",
            "content-type": "application/json",
        }
        counting = ["valgrind", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={folder}/callgrind.out"]
        command = [*counting, TRUNKLINE, "--config", "trunkline.toml", "serve"]
        log = (folder / "log").open("w")
        self.process = subprocess.Popen(command, cwd=folder, env=self.environment, stdout=log, stderr=log)
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def run(self, *arguments):
        command = [TRUNKLINE, "--config", "trunkline.toml", *arguments]
        environment = getattr(self, "environment", None)
        return subprocess.run(command, cwd=self.folder, env=environment, check=True, capture_output=True, text=True).stdout

    def await_start(self):
        for _ in range(600):
            try:
                return socket.create_connection(("127.0.0.1", self.port)).close()
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.1)
        raise SystemExit((self.folder / "log").read_text())

    def call(self, method, path, body=None):
        self.connection.request(method, path, body, self.headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{method} {path}: {answer.status} {text.decode()}")

    def control(self, *arguments):
        subprocess.run(["callgrind_control", *arguments, str(self.process.pid)], check=True, capture_output=True)

    def instructions(self, method, path, body=None):
        """Instructions for one such call, on average."""
        for _ in range(WARM_UP):
            self.call(method, path, body)
        self.control("-z")
        self.control("-i", "on")
        for _ in range(COUNTED):
            self.call(method, path, body)
        self.control("-i", "off")
        for old in self.folder.glob("callgrind.out*"):
            old.unlink()
        self.control("-d")
        # One file for each thread, or one for all of them.
        dumps = [file.read_text() for file in self.folder.glob("callgrind.out*")]
        found = [int(total) for dump in dumps for total in re.findall(r"^(?:totals|summary): (\d+)", dump, re.M)]
        if not found:
            raise SystemExit("callgrind wrote no total")
        return max(found) // COUNTED


def measured():
    vendor = ThreadingHTTPServer(("127.0.0.1", 0), Vendor)
    threading.Thread(target=vendor.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        gateway = Gateway(Path(folder), vendor.server_port)
        try:
            gateway.await_start()
            return {
                "page_of_20": gateway.instructions("GET", "/crm/contacts?limit=20"),
                "page_of_1": gateway.instructions("GET", "/crm/contacts?limit=1"),
                "patch": gateway.instructions("PATCH", f"/crm/contacts/{ONE[0]['id']}", '{"title":"Night Watch"}'),
            }
        finally:
            gateway.process.terminate()
            gateway.process.wait(60)


def main():
    figures = measured()
    if "--update" in sys.argv:
        COMMITTED.write_text(json.dumps(figures, indent=2) + "\n")
    committed = json.loads(COMMITTED.read_text())
    failed = False
    for name, figure in figures.items():
        growth = figure / committed[name] - 1
        failed |= growth > MOST_GROWTH
        print(f"{name:12} {figure:>10,} instructions a call, {growth:+.1%} beside bench/instructions.json")
    if failed:
        raise SystemExit(f"more than {MOST_GROWTH:.0%} more: find out why, or say why with --update")


main()
