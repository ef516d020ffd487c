"""Firefox without a window, as far as a page's script is asked: by its own protocol, no driver."""

import itertools
import json
import subprocess

import websocket

# A function's body is called as selenium's `execute_script` calls it, and answers by JSON.
CALL = "given => JSON.stringify((function () {%s}).apply(null, JSON.parse(given)) ?? null)"


class Firefox:
    """A process of Firefox, spoken to by WebDriver BiDi (https://w3c.github.io/webdriver-bidi)."""

    def __init__(self, program, folder):
        command = [program, "--headless", "--no-remote", "--profile", str(folder)]
        self.process = subprocess.Popen(
            [*command, "--remote-debugging-port=0"], stderr=subprocess.PIPE, text=True
        )
        for line in self.process.stderr:
            if "WebDriver BiDi listening on " in line:
                address = line.split()[-1]
                break
        self.socket = websocket.create_connection(f"{address}/session", suppress_origin=True)
        self.numbers = itertools.count()
        self.send("session.new", capabilities={})
        self.context = self.send("browsingContext.getTree")["contexts"][0]["context"]

    def send(self, method, **params):
        """Send a command and wait for its answer; what else is said meanwhile is passed over."""
        number = next(self.numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while (answer := json.loads(self.socket.recv())).get("id") != number:
            pass
        assert answer["type"] == "success", answer
        return answer["result"]

    def get(self, address):
        """Open an address, and wait until it is loaded."""
        self.send("browsingContext.navigate", context=self.context, url=address, wait="complete")

    def execute_script(self, code, *arguments):
        """Return what a function body answers."""
        found = self.send(
            "script.callFunction",
            functionDeclaration=CALL % code,
            arguments=[{"type": "string", "value": json.dumps(arguments)}],
            target={"context": self.context},
            awaitPromise=False,
        )
        assert found["type"] == "success", found["exceptionDetails"]["text"]
        return json.loads(found["result"]["value"])

    def quit(self):
        """End the process."""
        self.send("browser.close")
        self.socket.close()
        self.process.wait(30)
        self.process.stderr.close()
