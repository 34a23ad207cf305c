"""A shipped channel has no privilege: it includes the SDK, the standard library and its own files. So do the SDK and
the examples."""

import re
import subprocess

# The C and C++ standard libraries: a name without a slash and without a foreign suffix.
STANDARD = re.compile(r"[a-z_0-9]+|(assert|ctype|errno|float|inttypes|limits|math|stdalign|stdarg|stdbool|stddef|stdint|"
                      r"stdio|stdlib|string|time)\.h")


# What a shipped channel links beside the SDK, as docs/dependencies.md says.
LIBRARIES = {"plugins/smtp/": {"kainjow/mustache.hpp", "idn2.h"}}
# The one example that shows what a socket of a plugin's own looks like, with TLS, and its tests.
SOCKETS = {"arpa/inet.h", "fcntl.h", "netdb.h", "openssl/err.h", "openssl/pem.h", "openssl/ssl.h", "openssl/x509v3.h", "poll.h", "sched.h",
           "sys/socket.h", "unistd.h"}


def check(tree):
    yield from check_opened(tree.root, tree.build, read_opened(tree.build))
    for file in tree.cpp("plugins/", "sdk/", "examples/"):
        folder = file.rsplit("/", 1)[0] + "/"
        own = set() if file.startswith("sdk/") else {f.rsplit("/", 1)[1] for f in tree.cpp(folder)}
        for line, header in tree.includes(file):
            libraries = SOCKETS if folder == "examples/syslog/" else LIBRARIES.get(folder, set())
            if file.endswith(("_test.cpp", "_collector.hpp")):  # an author's own tests, out of the template and the examples
                libraries = libraries | {"gtest/gtest.h"}
            if not (header.startswith("tocsin/") or header in own | libraries or STANDARD.fullmatch(header)):
                yield (f"{file}:{line}: includes <{header}>; a channel may use <tocsin/...>, the standard library "
                       f"and its own folder, nothing else")
    for file in tree.matching("CMakeLists.txt", under=("plugins/",)):
        for match in re.finditer(r"\btocsin::(?!sdk\b)\w+|\btocsin_(?!add_channel\b|test\b|sdk\b)\w+", tree.text(file)):
            yield f"{file}: names {match.group(0)}; a channel links tocsin::sdk and nothing of the host"


def read_opened(build):
    """What the compiler opened for each object that is built, as ninja keeps it; "" without such a build."""
    if build is None or not (build / "build.ninja").is_file():
        return ""
    return subprocess.run(["ninja", "-C", str(build), "-t", "deps"], check=False, capture_output=True, text=True).stdout


def check_opened(root, build, opened):
    """The proof behind the rule on includes: of this tree, only the SDK and the channel's own folder were opened."""
    folder = ""
    for line in opened.splitlines():
        started = re.match(r"(plugins/\w+/)CMakeFiles/\S+\.o:", line)
        if not line.startswith(" "):
            folder = started.group(1) if started else ""
        elif folder:
            path = (build / line.strip()).resolve()
            if path.is_relative_to(root) and not path.is_relative_to(root / "sdk" / "include") \
                    and not path.is_relative_to(root / folder):
                yield f"{folder}: was compiled with {path.relative_to(root)}; a channel sees sdk/ and its own folder alone"
