#!/usr/bin/env python3
"""Runs every `sh run` block of the documents against a quick start of their own, so that no document shows a command
that does not work. Each block is one bash script (errexit, nounset, pipefail) with the built programs on its PATH,
TOCSIN_URL and TOCSIN_TOKEN set, the SDK installed where CMake finds it, and a scratch folder with the tree's `config` in
it as its working directory.
"""

import argparse
import base64
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

BLOCK = re.compile(r"^```sh run\n(.*?)^```", re.MULTILINE | re.DOTALL)
ADDRESS = re.compile(r"127\.0\.0\.1:(\d+)")
PATIENCE_S = 60
BLOCK_S = 300  # some build a plugin


class Program:
    """A started program whose address is read from what it says first."""

    def __init__(self, arguments, cwd):
        self.process = subprocess.Popen(arguments, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE, text=True)
        self.said = []
        self.address = None
        self.ready = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stderr:
            self.said.append(line)
            found = ADDRESS.search(line)
            if found and not self.address and ("serving" in line or "receiving" in line):
                self.address = found.group(0)
                self.ready.set()
        self.ready.set()

    def wait_for_address(self):
        if not self.ready.wait(PATIENCE_S) or not self.address:
            raise RuntimeError(f"{self.process.args[0]} did not start:\n{''.join(self.said[-20:])}")
        return self.address

    def stop(self):
        self.process.terminate()
        self.process.wait(PATIENCE_S)


def setting(text, name):
    return re.search(rf"^# dev: {name} = (.*)$", text, re.MULTILINE).group(1)


def write_config(root, build, folder, sink):
    """The quick start's own config, with the kernel's ports and this folder's data."""
    text = (root / "config/quickstart.toml").read_text(encoding="utf-8")
    text = text.replace(setting(text, "sink"), sink).replace(setting(text, "api"), "127.0.0.1:0")
    text = text.replace("../build/release/", f"{build}/")
    target = folder / "config" / "quickstart.toml"
    target.write_text(text, encoding="utf-8")
    return target


def blocks_of(root, documents):
    for document in documents:
        text = document.read_text(encoding="utf-8")
        for match in BLOCK.finditer(text):
            yield f"{document.relative_to(root)}:{text.count(chr(10), 0, match.start()) + 1}", match.group(1)


def run_blocks(blocks, folder, environment):
    failed = 0
    for where, script in blocks:
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=folder, env=environment,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=BLOCK_S)
        refused = '"type":"/problems/' in done.stdout and '"refused"' not in done.stdout
        if done.returncode != 0 or refused:
            failed += 1
            print(f"{where}: failed ({done.returncode})\n{script}{done.stdout}{done.stderr}")
        else:
            print(f"{where}: ok")
    return failed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--build", type=Path, required=True)
    args = parser.parse_args()
    root, build = args.root.resolve(), args.build.resolve()
    documents = [root / f for f in ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md")]
    documents += sorted((root / "docs").rglob("*.md")) + sorted((root / "plugins").rglob("*.md"))
    blocks = list(blocks_of(root, documents))
    if len(blocks) < 5:
        print(f"only {len(blocks)} runnable blocks found: is the pattern still right?")
        return 1
    text = (root / "config/quickstart.toml").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory(prefix="tocsin-docs-") as name:
        folder = Path(name)
        shutil.copytree(root / "config", folder / "config")
        (folder / "var").mkdir()
        for part in ("sdk", "tools"):
            subprocess.run(["cmake", "--install", build, "--component", part, "--prefix", folder / "sdk"], check=True,
                           stdout=subprocess.DEVNULL)
        (folder / "var" / "master.key").write_bytes(base64.b64encode(os.urandom(32)))
        sink = Program([build / "bin/tocsin", "sink", "--listen", "127.0.0.1:0", "--secret", setting(text, "secret")],
                       folder)
        programs = [sink]
        try:
            config = write_config(root, build, folder, sink.wait_for_address())
            daemon = Program([build / "bin/tocsind", "--config", config], folder)
            programs.append(daemon)
            environment = dict(os.environ, PATH=f"{build}/bin:{os.environ['PATH']}", TOCSIN_TOKEN=setting(text, "token"),
                               CMAKE_PREFIX_PATH=str(folder / "sdk"), TOCSIN_URL=f"http://{daemon.wait_for_address()}")
            failed = run_blocks(blocks, folder, environment)
        finally:
            for program in reversed(programs):
                program.stop()
    print(f"{len(blocks)} blocks, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
