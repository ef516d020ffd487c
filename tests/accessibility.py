"""What axe-core finds on a page that is open in a browser."""

from pathlib import Path

import axe_core_python

AXE = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text("utf-8")


def serious_findings(browser):
    """Return axe-core's serious and critical findings: rule, help and the elements meant."""
    # Told to the browser itself: a page whose policy allows its own script alone would refuse it.
    browser.execute_script(AXE)
    found = browser.execute_async_script(
        "const done = arguments[0]; axe.run().then((result) => done(result.violations));"
    )
    return [
        (rule["id"], rule["help"], [node["html"][:200] for node in rule["nodes"]])
        for rule in found
        if rule["impact"] in ("serious", "critical")
    ]
