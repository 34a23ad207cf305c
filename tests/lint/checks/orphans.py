"""Every source file is compiled by some target, and every test folder is built: no test that quietly never runs."""

import json
import re


def check(tree):
    compiled = read_compiled(tree)
    for file in tree.matching(".cpp", ".c", under=("host/", "plugins/", "tests/")):
        if file not in compiled:
            yield f"{file}: no target compiles it; list it in a CMakeLists.txt or remove it"
    parent = tree.text("tests/CMakeLists.txt") if "tests/CMakeLists.txt" in tree.files else ""
    for file in tree.matching("/CMakeLists.txt", under=("tests/",)):
        folder = file.split("/")[1]
        if folder != "CMakeLists.txt" and not re.search(rf"add_subdirectory\({folder}\)", parent):
            yield f"{file}: tests/CMakeLists.txt does not add tests/{folder}"


def read_compiled(tree):
    database = tree.build / "compile_commands.json"
    entries = json.loads(database.read_text(encoding="utf-8"))
    prefix = f"{tree.root}/"
    return {e["file"].removeprefix(prefix) for e in entries if e["file"].startswith(prefix)}
