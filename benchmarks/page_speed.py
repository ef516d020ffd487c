"""How fast a page to play in is: first paint, and the work of a frame while the step slider moves.

``python benchmarks/page_speed.py [--units 128] [--steps 100]`` fits a small model of so many units,
writes its page with one text of so many tokens, opens it in Chromium, moves the slider once a frame
in each part of the page, and prints milliseconds of the page's main thread (processor time, so that
what else the machine does counts little; a frame of 60 in a second may take 16.7).
"""

import argparse
import shutil
import tempfile
import time
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from textseq import TextClassifier

PARTS = ("tokens", "ids", "vectors", "states", "cell", "answer", "gradient", "units")
FRAMES = 120
# Move the slider in every frame, over all its steps.
MOVE = """
const [count, done] = arguments;
const slider = document.querySelector(".controls input[type=range]");
const most = Number(slider.max);
const frames = [];
let [moved, last] = [0, null];
const move = (now) => {
  if (last !== null) frames.push(now - last);
  last = now;
  if (moved === count) return done(frames.sort((a, b) => a - b));
  slider.value = (3 * moved) % most;
  slider.dispatchEvent(new Event("input"));
  moved += 1;
  requestAnimationFrame(move);
};
requestAnimationFrame(move);
"""


def write_page(folder, units, steps):
    words = [f"word{number}" for number in range(2_000)]
    texts = [" ".join(words[start : start + 20]) for start in range(0, 1_980, 20)]
    long = " ".join(words[k * 7 % len(words)] for k in range(steps))
    model = TextClassifier(
        encoder="lstm", hidden_size=units, embedding_dim=50, max_epochs=1, random_state=0, min_df=1
    )
    model.fit(texts, ["a", "b", "c"] * 33)
    return model.to_page(folder / "page.html", [long], ["a"])


def start_browser():
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for flag in ("--headless", "--no-sandbox", "--window-size=1280,900"):
        options.add_argument(flag)
    return webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))


def main_thread(browser):
    """Milliseconds of processor time that the page's tasks have taken so far."""
    metrics = browser.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
    return 1_000 * next(one["value"] for one in metrics if one["name"] == "TaskDuration")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--units", type=int, default=128)
    parser.add_argument("--steps", type=int, default=100)
    options = parser.parse_args()
    browser = start_browser()
    try:
        browser.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
        with tempfile.TemporaryDirectory() as folder:
            path = write_page(Path(folder), options.units, options.steps)
            size = path.stat().st_size
            browser.get(path.as_uri())
            time.sleep(1)
        paint = browser.execute_script(
            "return performance.getEntriesByName('first-contentful-paint')[0].startTime"
        )
        print(f"{options.units} units, {options.steps} steps, {size / 1e6:.1f} MB")
        print(f"first paint after {paint:.0f} ms, {main_thread(browser):.0f} of them work")
        print(f"{'part':<10}{'work a frame':>14}{'median frame':>14}{'19 of 20 under':>16}")
        for part in PARTS:
            browser.execute_script(f"document.getElementById('{part}').scrollIntoView()")
            time.sleep(2)  # what waits to be seen is computed
            before = main_thread(browser)
            frames = browser.execute_async_script(MOVE, FRAMES)
            work = (main_thread(browser) - before) / FRAMES
            middle, most = frames[len(frames) // 2], frames[len(frames) * 19 // 20]
            print(f"{part:<10}{work:>11.1f} ms{middle:>11.1f} ms{most:>13.1f} ms")
    finally:
        browser.quit()


if __name__ == "__main__":
    main()
