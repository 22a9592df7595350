"""Pictures of TensorBoard showing a log: one PNG for each tab, taken by a headless browser.

    python docs/tensorboard_screenshot.py LOGDIR docs/images/gan

writes docs/images/gan-scalars.png and docs/images/gan-images.png. Needs TensorBoard in the Python that runs this
(pip install tensorboard) and a Chromium on the PATH (Debian: apt-get install chromium).
"""

from __future__ import annotations

import argparse
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    # Timers run ahead until the page has been quiet for so long: charts and images are drawn by then.
    "--virtual-time-budget=20000",
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_data(url: str, tab: str, server: subprocess.Popen[bytes], seconds: float = 60) -> None:
    """Return when the tab's plugin lists at least one tag; raise when TensorBoard ends or stays empty."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if server.poll() is not None:
            sys.exit(f"tensorboard ended with status {server.returncode}; is it installed for {sys.executable}?")
        try:
            with urllib.request.urlopen(f"{url}/data/plugin/{tab}/tags") as answer:
                if any(json.load(answer).values()):
                    return
        except OSError:
            pass  # not listening yet
        time.sleep(0.3)
    sys.exit(f"TensorBoard shows nothing under '{tab}' after {seconds} seconds")


def screenshot(browser: str, url: str, size: str, output: Path) -> None:
    """An empty profile each time, so that nothing remembered from an earlier visit changes the page."""
    with tempfile.TemporaryDirectory() as profile:
        where = [f"--user-data-dir={profile}", f"--window-size={size}", f"--screenshot={output}"]
        subprocess.run([browser, *FLAGS, *where, url], check=True, timeout=120, stderr=subprocess.DEVNULL)
    print(f"{output}: {output.stat().st_size} bytes")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("logdir", type=Path)
    parser.add_argument("output", help="start of the PNG files' names")
    parser.add_argument("--tabs", nargs="+", default=["scalars", "images"])
    parser.add_argument("--size", default="1400,760", help="width,height of the window (default: %(default)s)")
    options = parser.parse_args()
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        parser.error(f"no browser found, looked for {', '.join(BROWSERS)}")
    if not any(options.logdir.rglob("*tfevents*")):
        parser.error(f"no event files under {options.logdir}")
    port = free_port()
    # TensorBoard prints the folder's name on the page: started beside it, so that no machine's path gets in.
    logdir = options.logdir.resolve()
    arguments = ["--host", "127.0.0.1", "--port", str(port), "--load_fast=false", "--logdir", logdir.name]
    command = [sys.executable, "-m", "tensorboard.main", *arguments]
    server = subprocess.Popen(command, cwd=logdir.parent, stderr=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}"
        for tab in options.tabs:
            wait_for_data(url, tab, server)
            screenshot(browser, f"{url}/#{tab}", options.size, Path(f"{options.output}-{tab}.png").resolve())
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
