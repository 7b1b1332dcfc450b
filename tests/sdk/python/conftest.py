"""Runs one gateway with its stand-in vendors, for as long as a test file lasts."""

import os
import pathlib
import queue
import subprocess
import threading

import httpx
import pytest
from apideck_unify import Apideck
from apideck_unify.utils import BackoffStrategy, RetryConfig

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
BINARY = os.environ.get("TRUNKLINE_BIN") or REPOSITORY / "target/release/trunkline"
SECONDS_TO_START = 30


@pytest.fixture(scope="module")
def base_url():
    with subprocess.Popen([BINARY, "sandbox", "--port", "0"], stdout=subprocess.PIPE, text=True) as gateway:
        try:
            yield ready_line(gateway)
        finally:
            gateway.terminate()
            gateway.wait(timeout=30)


def ready_line(gateway):
    addresses = queue.Queue()

    def read():
        # To the end, so that the gateway never waits for its output to be taken.
        for line in gateway.stdout:
            if line.startswith("ready "):
                addresses.put(line.split()[1])
        addresses.put(None)

    threading.Thread(target=read, daemon=True).start()
    address = addresses.get(timeout=SECONDS_TO_START)
    assert address, f"{BINARY} ended before it was ready"
    return address


@pytest.fixture(scope="module")
def connect(base_url):
    """The SDK as an application has it, with another base URL.

    The demo consumer has connected several services: calls that name none are for `service`.
    """

    def client(service="agile-crm", **changes):
        options = {"api_key": "sandbox-key", "app_id": "sandbox", "consumer_id": "sandbox-consumer"}
        # By default the SDK repeats a 5xx for fifteen minutes: here it should fail the test at once.
        once = RetryConfig("none", BackoffStrategy(0, 0, 0, 0), False)
        named = httpx.Client(headers={"x-apideck-service-id": service}, follow_redirects=True)
        return Apideck(**(options | changes), server_url=base_url, retry_config=once, client=named)

    return client


@pytest.fixture(scope="module")
def crm(connect):
    return connect().crm
