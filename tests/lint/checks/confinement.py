"""Heavy or leaky libraries stay behind one room's sources; pure rooms stay pure.

Beast costs 12 s a file to compile; SQLiteCpp throws; Boost.DLL loads code; libcurl's texts hold URLs. Behind one
wall each can be replaced, and its price is paid once.
"""

import re

# (headers, files that may include them, why)
CONFINED = [
    (r"boost/beast(/|\.hpp)", r"(host|tests)/net/\w+\.cpp", "Beast stays in net/*.cpp"),
    (r"SQLiteCpp/|sqlite3\.h", r"host/store/(\w+\.cpp|connection\.hpp)|tests/store/\w+\.(cpp|hpp)",
     "SQLite stays in store/*.cpp and its private connection.hpp"),
    (r"boost/dll(/|\.hpp)", r"host/plugin/library\.cpp", "Boost.DLL stays in plugin/library.cpp"),
    (r"curl/", r"host/net/curl\w*\.(cpp|hpp)", "libcurl stays in net/curl*"),
    (r"date/", r"host/routing/digest_window\.cpp", "Hinnant's date stays in routing/digest_window.cpp"),
    (r"toml\+\+|toml\.hpp", r"host/config/\w+\.cpp|host/config/toml\w*\.hpp", "toml++ stays in config/*.cpp"),
    (r"valijson/", r"host/plugin/settings_schema\.cpp", "valijson stays in plugin/settings_schema.cpp"),
    (r"spdlog/|fmt/", r"host/ops/\w+\.cpp|tests/.*", "spdlog stays in ops/*.cpp"),
    (r"CLI/", r"host/(ctl|app)/\w+\.(cpp|hpp)", "CLI11 stays in the two programs"),
    (r"openssl/", r"host/(security|net)/\w+\.cpp|tests/.*", "OpenSSL stays in security/*.cpp and net/*.cpp"),
    (r"dlfcn\.h", r"host/plugin/\w+\.cpp|host/plugin_host/serve\.cpp|tests/(plugin|abi)/.*",
     "only plugin/ and a plugin's own process load code"),
]
# Where a thread or a socket waits, on whatever clock that waits by; no time read there is recorded or decides.
WAITS = r"host/model/clock\.cpp|host/net/curl_engine\.cpp|host/plugin/(pool|channel_instance)\.cpp|host/sandbox/supervisor\.cpp"
# (files, pattern, why): what the pure rooms do without, and what only the clock may do.
FORBIDDEN = [
    (r"host/(model|routing)/(?!(clock|error)\.cpp)", r"#\s*include\s*<(fstream|iostream|cstdio|unistd\.h|thread|mutex|chrono)>",
     "model and routing do no I/O, read no clock and have no threads"),
    (rf"(?!{WAITS})host/", r"\b(system_clock|steady_clock|high_resolution_clock)::now\(|\bclock_gettime\(",
     "time is read through Clock only (model/clock.hpp)"),
]


def check(tree):
    for file in tree.cpp("host/", "plugins/", "tests/"):
        for line, header in tree.includes(file):
            for headers, allowed, why in CONFINED:
                if re.match(headers, header) and not re.fullmatch(allowed, file):
                    yield f"{file}:{line}: includes <{header}>; {why}"
    for file in tree.cpp("host/"):
        text = tree.text(file)
        for where, pattern, why in FORBIDDEN:
            if re.match(where, file):
                for match in re.finditer(pattern, text):
                    yield f"{file}:{text.count(chr(10), 0, match.start()) + 1}: '{match.group(0)}'; {why}"
