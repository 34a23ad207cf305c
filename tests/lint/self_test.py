#!/usr/bin/env python3
"""Shows each rule a tree that breaks it and one that does not, so that no lint is a test that cannot fail."""

import hashlib
import importlib
import json
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from tree import Tree  # noqa: E402

ROOMS = {
    "host/model/CMakeLists.txt": "tocsin_room(model FLOOR 0 SOURCES a.cpp)",
    "host/store/CMakeLists.txt": "tocsin_room(store FLOOR 2 SOURCES a.cpp ROOMS model)",
    "host/net/CMakeLists.txt": "tocsin_room(net FLOOR 2 SOURCES a.cpp ROOMS model)",
    "host/delivery/CMakeLists.txt": "tocsin_room(delivery FLOOR 5 SOURCES a.cpp ROOMS store)",
    "host/api/CMakeLists.txt": "tocsin_room(api FLOOR 6 SOURCES a.cpp ROOMS delivery net)",
}


def violations(rule: str, files: dict[str, str], compiled: list[str] = ()) -> list[str]:
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory).resolve()
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        build = root / ".build"
        build.mkdir()
        database = [{"file": f"{root}/{file}"} for file in compiled]
        (build / "compile_commands.json").write_text(json.dumps(database), encoding="utf-8")
        return list(importlib.import_module(f"checks.{rule}").check(Tree(root, build)))


class Rule(unittest.TestCase):
    def assert_refuses(self, rule, files, words, compiled=()):
        found = violations(rule, files, compiled)
        self.assertTrue(any(words in sentence for sentence in found), f"{rule} missed it: {found}")

    def assert_accepts(self, rule, files, compiled=()):
        self.assertEqual(violations(rule, files, compiled), [])


class Abi(Rule):
    def found(self, files, kept):
        with tempfile.TemporaryDirectory() as directory:
            root = Path(directory).resolve()
            for name, text in files.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text, encoding="utf-8")
            return list(importlib.import_module("checks.abi").check(Tree(root, None), kept))

    def test_what_was_published_is_kept_to_the_byte(self):
        kept = {"sdk/abi/1.0/plugin.h": hashlib.sha256(b"int a;").hexdigest()}
        self.assertEqual(self.found({"sdk/abi/1.0/plugin.h": "int a;"}, kept), [])
        self.assertIn("was changed", self.found({"sdk/abi/1.0/plugin.h": "int b;"}, kept)[0])
        self.assertIn("is gone", self.found({"sdk/a.h": ""}, kept)[0])
        self.assertIn("no line", self.found({"sdk/abi/1.0/plugin.h": "int a;", "sdk/abi/1.1/plugin.h": ""}, kept)[0])


class Floors(Rule):
    def test_an_include_of_a_linked_room_below_is_fine(self):
        self.assert_accepts("floors", ROOMS | {
            "host/api/a.cpp": '#include "store/store.hpp"\n#include "api/a.hpp"\n#include <vector>\n'})

    def test_an_include_that_points_up_is_refused(self):
        self.assert_refuses("floors", ROOMS | {"host/store/a.cpp": '#include "delivery/engine.hpp"\n'},
                            "host/store/a.cpp:1")

    def test_an_include_of_a_room_on_the_same_floor_is_refused(self):
        self.assert_refuses("floors", ROOMS | {"host/store/a.cpp": '#include "net/server.hpp"\n'}, "does not link net")

    def test_an_include_of_a_lower_room_that_is_not_linked_is_refused(self):
        self.assert_refuses("floors", ROOMS | {"host/delivery/a.cpp": '// x\n#include "net/server.hpp"\n'},
                            "host/delivery/a.cpp:2")

    def test_a_link_that_points_up_is_refused(self):
        self.assert_refuses("floors", ROOMS | {
            "host/model/CMakeLists.txt": "tocsin_room(model FLOOR 0 SOURCES a.cpp ROOMS store)"}, "only point down")

    def test_rooms_that_should_be_strangers_are_kept_apart(self):
        self.assert_refuses("floors", ROOMS | {
            "host/ingest/CMakeLists.txt": "tocsin_room(ingest FLOOR 3 SOURCES a.cpp ROOMS store)",
            "host/delivery/CMakeLists.txt": "tocsin_room(delivery FLOOR 5 SOURCES a.cpp ROOMS store ingest)",
        }, "must not see each other")


class Confinement(Rule):
    def test_each_heavy_library_is_fine_where_it_lives(self):
        self.assert_accepts("confinement", {
            "host/net/http_session.cpp": "#include <boost/beast/http.hpp>\n",
            "host/net/curl_handle.cpp": "#include <curl/curl.h>\n",
            "host/store/writer.cpp": "#include <SQLiteCpp/SQLiteCpp.h>\n",
            "host/plugin/library.cpp": "#include <boost/dll/shared_library.hpp>\n",
            "host/plugin/settings_schema.cpp": "#include <valijson/schema.hpp>\n",
            "host/config/read.cpp": "#include <toml++/toml.h>\n",
            "host/ops/log.cpp": "#include <spdlog/spdlog.h>\n",
        })

    def test_each_heavy_library_is_refused_next_door(self):
        for header in ("boost/beast/http.hpp", "curl/curl.h", "SQLiteCpp/Database.h", "sqlite3.h", "boost/dll.hpp",
                       "valijson/schema.hpp", "toml++/toml.h", "spdlog/spdlog.h", "CLI/CLI.hpp", "openssl/hmac.h"):
            with self.subTest(header=header):
                self.assert_refuses("confinement", {"host/delivery/engine.cpp": f"#include <{header}>\n"}, header)

    def test_a_header_of_the_right_room_does_not_leak_it_either(self):
        self.assert_refuses("confinement", {"host/net/http_server.hpp": "#include <boost/beast/core.hpp>\n"}, "Beast")

    def test_a_pure_room_that_reads_a_file_is_refused(self):
        self.assert_refuses("confinement", {"host/routing/rules.cpp": "#include <fstream>\n"}, "no I/O")

    def test_a_clock_read_past_the_clock_is_refused(self):
        self.assert_refuses("confinement", {
            "host/store/writer.cpp": "auto now = std::chrono::system_clock::now();\n"}, "through Clock only")


class Plugins(Rule):
    def test_the_sdk_the_standard_library_and_own_files_are_fine(self):
        self.assert_accepts("plugins", {
            "plugins/x/x.cpp": '#include <tocsin/plugin.hpp>\n#include <string>\n#include "y.hpp"\n',
            "plugins/x/y.hpp": "#include <stdint.h>\n",
            "plugins/x/CMakeLists.txt": "tocsin_add_channel(x SOURCES x.cpp)\n"})

    def test_anything_else_is_refused(self):
        for header in ("model/error.hpp", "boost/json.hpp", "openssl/hmac.h", "curl/curl.h", "unistd.h", "../y/y.hpp"):
            with self.subTest(header=header):
                self.assert_refuses("plugins", {"plugins/x/x.cpp": f'#include "{header}"\n'}, header)

    def test_a_host_library_in_its_link_line_is_refused(self):
        self.assert_refuses("plugins", {"plugins/x/CMakeLists.txt": "tocsin_add_channel(x SOURCES x.cpp LINKS tocsin::net)"},
                            "tocsin::net")


class Opened(Rule):
    """What ninja says the compiler opened."""

    def found(self, *paths):
        opened = "plugins/slack/CMakeFiles/slack.dir/slack.cpp.o: #deps 9, deps mtime 1 (VALID)\n" + "".join(
            f"    {path}\n" for path in paths) + "\nhost/CMakeFiles/x.dir/x.cpp.o: #deps 1\n    ../host/x.hpp\n"
        root = Path("/tree")
        return list(importlib.import_module("checks.plugins").check_opened(root, root / "build", opened))

    def test_the_sdk_the_system_and_its_own_folder_are_fine(self):
        self.assertEqual(self.found("../plugins/slack/a.hpp", "../sdk/include/tocsin/plugin.h", "/usr/include/stdio.h"), [])

    def test_a_header_of_the_host_is_refused_however_it_got_there(self):
        self.assertIn("host/model/event.hpp", self.found("../sdk/include/../../host/model/event.hpp")[0])
        self.assertIn("plugins/teams/card.hpp", self.found("../plugins/teams/card.hpp")[0])


class Layout(Rule):
    def test_a_stray_top_level_folder_is_refused(self):
        self.assert_refuses("layout", {"scripts/x.sh": ""}, "scripts")

    def test_a_long_file_needs_a_reason(self):
        long_file = {"host/net/a.cpp": "int a;\n" * 501}
        self.assert_refuses("layout", long_file, "501 lines")
        self.assert_refuses("layout", long_file | {"tests/lint/long_files.txt": "host/net/a.cpp\n"}, "no reason")
        self.assert_accepts("layout", long_file | {
            "tests/lint/long_files.txt": "host/net/a.cpp one table, nothing to split\n"})

    def test_a_reason_that_is_no_longer_needed_is_refused(self):
        self.assert_refuses("layout", {"host/net/a.cpp": "int a;\n", "tests/lint/long_files.txt":
                                       "host/net/a.cpp one table, nothing to split\n"}, "within the limit")

    def test_a_place_outside_the_tree_is_refused(self):
        self.assert_refuses("layout", {"docs/a.md": "see /wor" + "k/notes\n"}, "docs/a.md:1")

    def test_a_promise_instead_of_work_is_refused(self):
        self.assert_refuses("layout", {"host/net/a.cpp": "int a;\n// TO" + "DO: the rest\n"}, "host/net/a.cpp:2")


class Docs(Rule):
    def test_paths_that_exist_are_fine(self):
        self.assert_accepts("docs", {"README.md": "See `docs/a.md`, [this](docs/a.md) and `docs/*.md`.\n",
                                     "docs/a.md": "`tocsin/1`, `a.b` and `https://x/y` are no paths\n"})

    def test_a_path_that_does_not_exist_is_refused(self):
        self.assert_refuses("docs", {"README.md": "See `host/gone.cpp`.\n"}, "host/gone.cpp")

    def test_a_link_that_leads_nowhere_is_refused(self):
        self.assert_refuses("docs", {"README.md": "[x](docs/gone.md)\n"}, "leads nowhere")

    def test_a_source_that_names_a_missing_document_is_refused(self):
        self.assert_refuses("docs", {"host/net/a.cpp": "// docs/gone.md says why\n"}, "docs/gone.md")

    def test_a_decision_that_the_index_lacks_is_refused(self):
        self.assert_refuses("docs", {"docs/decisions/README.md": "\n", "docs/decisions/0001-x.md": "\n"},
                            "does not list docs/decisions/0001-x.md")

    def test_a_shell_block_says_what_becomes_of_it(self):
        self.assert_accepts("docs", {"README.md": "```sh run\ntrue\n```\n\n```toml\na = 1\n```\n"})
        self.assert_refuses("docs", {"README.md": "```sh\ntrue\n```\n"}, "README.md:1")
        self.assert_refuses("docs", {"README.md": "```\ntrue\n```\n"}, "needs its language")

    def test_a_code_block_stands_in_its_file(self):
        block = {"README.md": "```cpp sdk/a.cpp\nint a;\nint b;\n```\n"}
        self.assert_accepts("docs", block | {"sdk/a.cpp": "// A.\nint a;\nint b;\nint c;\n"})
        self.assert_refuses("docs", block | {"sdk/a.cpp": "int a;\n"}, "copy it anew")
        self.assert_refuses("docs", {"README.md": "```cpp\nint a;\n```\n"}, "names the compiled file")

    def test_a_block_said_to_run_in_ci_does(self):
        block = {"README.md": "```sh ci\n./dev test   # all of it\n```\n"}
        self.assert_accepts("docs", block | {".ci/run": "./dev test\n"})
        self.assert_refuses("docs", block | {".ci/run": "true\n"}, "no such line")

    def test_a_library_without_a_line_in_dependencies_is_refused(self):
        cmake = {"CMakeLists.txt": "find_package(Fancy 2 REQUIRED)\n"}
        self.assert_refuses("docs", cmake | {"docs/dependencies.md": "`Other`\n"}, "Fancy")
        self.assert_accepts("docs", cmake | {"docs/dependencies.md": "`Fancy`\n"})

    def test_a_package_without_a_line_in_dependencies_is_refused(self):
        self.assert_refuses("docs", {"config/packages.txt": "build libfancy-dev fun\n"}, "libfancy-dev")


class Orphans(Rule):
    def test_a_file_that_a_target_compiles_is_fine(self):
        self.assert_accepts("orphans", {"tests/net/a_test.cpp": "", "tests/net/CMakeLists.txt": "",
                                        "tests/CMakeLists.txt": "add_subdirectory(net)\n"}, ["tests/net/a_test.cpp"])

    def test_a_test_that_nothing_compiles_is_refused(self):
        self.assert_refuses("orphans", {"tests/net/a_test.cpp": ""}, "no target compiles it")

    def test_a_test_folder_that_is_not_added_is_refused(self):
        self.assert_refuses("orphans", {"tests/net/CMakeLists.txt": "", "tests/CMakeLists.txt": ""},
                            "does not add tests/net")


if __name__ == "__main__":
    unittest.main()
