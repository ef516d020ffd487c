"""A server on localhost that speaks the protocol of embedding services, with faults to order."""

import base64
import hashlib
import json
import socket
import struct
import threading
import time
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np

WIDTH = 8
KEY = "sk-a-key-that-nobody-may-see-0123456789"


def word_vector(word, width=WIDTH):
    """Return numbers that belong to a word, the same in every process."""
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "little")
    return np.random.default_rng(seed).normal(size=width)


def vector_of(text, width=WIDTH):
    """Return what the server answers for a text: the sum of its words' vectors, of length 1."""
    total = np.sum([word_vector(word, width) for word in text.split() or [text]], axis=0)
    return (total / np.linalg.norm(total)).astype(np.float32)


def vectors_of(texts, width=WIDTH):
    return np.stack([vector_of(text, width) for text in texts])


def row_of(index, vector, encoding_format="base64"):
    """Return a vector as the protocol has it."""
    packed = vector.tolist()
    if encoding_format == "base64":
        packed = base64.b64encode(vector.astype("<f4").tobytes()).decode()
    return {"object": "embedding", "index": index, "embedding": packed}


def _last_is(*vector):
    def spoil(rows):
        rows[-1]["embedding"] = row_of(0, np.array(vector, np.float32))["embedding"]

    return spoil


def _all_wide(rows):
    rows[:] = [row_of(index, np.ones(WIDTH + 1)) for index in range(len(rows))]


#: What is done to the vectors of an answer.
SPOILED = {
    "fewer": lambda rows: rows.pop(),
    "more": lambda rows: rows.append(row_of(len(rows), np.ones(WIDTH))),
    "nan": _last_is(*[np.nan] * WIDTH),
    "nan as floats": lambda rows: rows[-1].update(embedding=[float("nan")] * WIDTH),
    "beyond float32": lambda rows: rows[-1].update(embedding=[1e300] * WIDTH),
    "shuffled": lambda rows: rows.reverse(),
    "same index": lambda rows: rows[-1].update(index=0),
    "no index": lambda rows: rows[-1].pop("index"),
    "uneven": _last_is(*[1] * (WIDTH + 1)),
    "wide": _all_wide,
    "empty vector": lambda rows: rows[-1].update(embedding=[]),
    "no numbers": lambda rows: rows[-1].update(embedding="?!"),
}


class Server(ThreadingHTTPServer):
    """Notes what it is asked for.

    Attributes
    ----------
    texts : list of list of str
        Of each request that it was asked, in their order.
    times : list of float
        When each came in.
    keys : list of str or None
        The header of each that has the key.
    faults : list of str or None
        What goes wrong with the next requests, one each; then nothing.
    seconds : float
        That an answer takes.
    """

    daemon_threads = True
    # Requests come in bursts.
    request_queue_size = 64

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.texts, self.times, self.keys, self.bodies = [], [], [], []
        self.faults = []
        self.seconds = 0.0
        self.usage = True
        self.running = self.most_running = 0
        self.lock = threading.Lock()
        self.url = f"http://127.0.0.1:{self.server_port}/v1"

    @property
    def counts(self):
        """How often each text was asked for."""
        return Counter(text for request in self.texts for text in request)

    def handle_error(self, request, client_address):
        pass  # of clients that are killed, or wait no longer


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        server = self.server
        with server.lock:
            server.texts.append(body.get("input"))
            server.times.append(time.monotonic())
            server.keys.append(self.headers["Authorization"])
            server.bodies.append(body)
            fault = server.faults.pop(0) if server.faults else None
            server.running += 1
            server.most_running = max(server.most_running, server.running)
        try:
            time.sleep(server.seconds)
            self.answer(body, fault)
        finally:
            with server.lock:
                server.running -= 1

    def answer(self, body, fault):
        texts = body.get("input")
        refused = self.complaint(body)
        if refused:
            return self.refuse(*refused)
        if fault is not None and fault.startswith("status "):
            return self.refuse_as_ordered(fault)
        if fault == "slow":
            time.sleep(3.0)
        width = body.get("dimensions", WIDTH)
        rows = [
            row_of(index, vector_of(text, width), body.get("encoding_format", "float"))
            for index, text in enumerate(texts)
        ]
        if fault in SPOILED:
            SPOILED[fault](rows)
        answer = {"object": "list", "data": rows, "model": body["model"]}
        n_tokens = sum(len(text.split()) for text in texts)
        if self.server.usage:
            answer["usage"] = {"prompt_tokens": n_tokens, "total_tokens": n_tokens}
        if fault == "error as answer":
            answer = {"error": {"message": "model is loading"}}
        content = json.dumps(answer).encode()
        half = content[: len(content) // 2]
        if fault in ("truncated", "reset"):
            self.send(200, half, length=len(content))
            return self.hang_up(fault == "reset")
        return self.send(200, half if fault == "no json" else content)

    def complaint(self, body):
        """Return what the protocol has against a request."""
        texts = body.get("input")
        if self.path != "/v1/embeddings":
            return 404, f"no {self.path} here"
        if not isinstance(body.get("model"), str):
            return 400, "model is missing"
        if not isinstance(texts, list) or not 1 <= len(texts) <= 2048:
            return 400, "'$.input' is invalid"
        if not all(isinstance(text, str) and text for text in texts):
            return 400, "'$.input' is invalid"
        return None

    def hang_up(self, reset):
        """End a connection within an answer."""
        self.wfile.flush()
        self.close_connection = True
        if reset:
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.connection.close()

    def refuse_as_ordered(self, fault):
        """Answer "status 429 retry-after=1 code=x" so."""
        _, status, *more = fault.split()
        named = dict(one.split("=", 1) for one in more)
        code = named.pop("code", None)
        shown = self.headers["Authorization"] if named.pop("echo", None) else "as ordered"
        # A header has no spaces here: the date of one is written with underscores.
        headers = {name: value.replace("_", " ") for name, value in named.items()}
        self.refuse(int(status), shown, headers, code)

    def refuse(self, status, message, headers=None, code=None):
        error = {"message": message, "type": code or "error", "param": None, "code": code}
        self.send(status, json.dumps({"error": error}).encode(), headers=headers)

    def send(self, status, content, length=None, headers=None):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content) if length is None else length))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def embedding_server():
    """Serve in a thread."""
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
