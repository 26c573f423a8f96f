#!/usr/bin/env python3
"""
lint.py: refuses a breach of the house (docs/house.md): the staircase, the doors, the link lines,
banned calls and the house's measures.

What reaches what is asked of the compiler, not guessed from the text.  The tables are in rules.py.
`lint.py` checks the tree and then every case in tests/lint/cases, each of which must be refused
for exactly the reasons that its file `expect` names.  Exit 0: no breach; 1: breaches; 2: misuse.
"""
import argparse
import concurrent.futures
import fnmatch
import glob
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
import rules  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))


class Lint:
    """One tree under examination.  found: a list of (rule, path, line, message)."""

    def __init__(self, root, cc, cppflags):
        self.root, self.cc, self.cppflags = root, cc, cppflags
        self.found = []
        self.files = sorted(self.walk())

    def walk(self):
        for tree in rules.TREES:
            for folder, dirs, names in os.walk(os.path.join(self.root, tree)):
                rel = os.path.relpath(folder, self.root) + "/"
                dirs[:] = [d for d in dirs if rel + d + "/" not in rules.SKIP]
                for name in names:
                    if name.endswith((".c", ".h")):
                        yield rel + name

    def scripts(self):
        """Makefiles and scripts: held to the measures that are not those of C."""
        for place in ["Makefile", ".ci/run", *rules.SCRIPTS]:
            for path in glob.glob(place, root_dir=self.root):
                if (os.path.isfile(os.path.join(self.root, path))
                        and not path.endswith((".c", ".h"))):
                    yield path

    def check_script(self, path):
        text = self.read(path).decode("utf-8", "replace")
        self.check_space(path, text)
        if not text.startswith(("#", '"""', "/*")):
            self.say("opening", path, 1, "opens without a comment that says what it is")

    def say(self, rule, path, line, message):
        self.found.append((rule, path, line, message))

    def read(self, path):
        with open(os.path.join(self.root, path), "rb") as f:
            return f.read()

    def run(self):
        for path in sorted(self.scripts()):
            self.check_script(path)
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for path, result in zip(self.files, pool.map(self.reached, self.files)):
                self.check_reach(path, *result)
        for path in self.files:
            self.check_text(path)
        return self.found

    # --- what the compiler reports ---------------------------------------------------------

    def reached(self, path):
        """Every header that path reaches, the compiler's complaint, if any, and for a header
        whether it compiles alone."""
        base = [*self.cc, "-std=c17", "-D_GNU_SOURCE", *self.cppflags]
        res = subprocess.run([*base, "-M", "-x", "c", path], cwd=self.root, text=True,
                             capture_output=True)
        deps = res.stdout.replace("\\\n", " ").split(":", 1)
        deps = [os.path.normpath(d) for d in deps[-1].split()] if res.returncode == 0 else []
        if res.returncode == 0 and path.endswith(".h"):
            res = subprocess.run([*base, "-fsyntax-only", "-x", "c", path], cwd=self.root,
                                 text=True, capture_output=True)
        return deps, res.stderr if res.returncode != 0 else ""

    def check_reach(self, path, deps, complaint):
        if complaint:
            self.say("alone", path, 1, "does not compile by itself: "
                     + complaint.strip().splitlines()[0])
        allowed = longest(rules.STAIRCASE, path)
        for dep in deps:
            if os.path.isabs(dep):
                self.check_door(path, dep)
            elif dep != path and allowed is not None and not permits(allowed, dep):
                self.say("staircase", path, 1, f"reaches {dep}, which is not below it")

    def check_door(self, path, header):
        for name, pattern, doors in rules.DOORS:
            if re.search(pattern, header) and not any(at(path, d) for d in doors):
                self.say("door", path, 1, f"reaches {header}: {name} has one door, "
                         + " ".join(doors))

    # --- what the text says ----------------------------------------------------------------

    def check_text(self, path):
        raw = self.read(path)
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            self.say("text", path, 1, "is not UTF-8")
            return
        self.check_measures(path, text)
        code = strip(text)
        self.check_includes(path, text)
        self.check_calls(path, code)
        self.check_functions(path, code)
        if fnmatch.fnmatch(path, "tests/unit/*/test_*.c") and not re.search(r"\bassert_\w+\s*\(",
                                                                            code):
            self.say("no-assert", path, 1, "a test that cannot fail")

    def check_measures(self, path, text):
        lines = text.split("\n")
        if not text.startswith("/*"):
            self.say("opening", path, 1, "opens without a comment that says what it is")
        self.check_space(path, text)
        if len(lines) - 1 > rules.FILE_LINES:
            self.say("file-length", path, len(lines) - 1,
                     f"has {len(lines) - 1} lines; the cap is {rules.FILE_LINES}")
        for n, line in enumerate(lines, 1):
            if " \t" in line:
                self.say("space", path, n, "a space before a tab")
            if len(line.expandtabs(rules.TAB)) > rules.COLUMNS:
                self.say("columns", path, n, f"wider than {rules.COLUMNS} columns")

    def check_space(self, path, text):
        lines = text.split("\n")
        if not text.endswith("\n") or text.endswith("\n\n"):
            self.say("space", path, len(lines), "ends without exactly one newline")
        for n, line in enumerate(lines, 1):
            if line != line.rstrip():
                self.say("space", path, n, "white space at the end of the line")
            if re.search(r"\b(TO" r"DO|FIX" r"ME|X" r"XX)\b", line):
                self.say("unfinished", path, n, "a promise in place of code")

    def check_includes(self, path, text):
        for n, line in enumerate(text.split("\n"), 1):
            m = re.match(r'\s*#\s*include\s*"([^"]*)"', line)
            if m and (os.path.normpath(m[1]) != m[1]
                      or not m[1].startswith(tuple(rules.TREES))
                      or not os.path.exists(os.path.join(self.root, m[1]))):
                self.say("root", path, n, f'"{m[1]}" is not written from the root')

    def check_calls(self, path, code):
        banned = {name: f"use {word}" for name, word in rules.BANNED.items()}
        product = path.startswith(tuple(rules.PRODUCT))
        if product:
            banned.update(rules.BANNED_PRODUCT)
            if path != rules.CLOCK_FILE:
                banned.update({name: "ask common/base/clock.h" for name in rules.CLOCKS})
        if path.startswith("crypto/") and path not in rules.MEMCMP_ALLOWED:
            banned["memcmp"] = "use mem_is_equal"
        if path.startswith(tuple(rules.ALIGNED)):
            banned["calloc"] = "use alloc_zero: elements ask for its alignment"
        for floor, doors in rules.NO_ALLOCATION.items():
            if path.startswith(floor) and path not in doors:
                banned.update({name: f"{floor} does not allocate" for name in rules.ALLOCATING})
        if path.startswith(tuple(rules.PURE)):
            banned.update({name: "no files, sockets or clocks here" for name in rules.IMPURE})
        for m in re.finditer(r"(?<![\w.>])(\w+)\s*\(", code):
            if m[1] in banned:
                self.say("banned", path, line_of(code, m.start()), f"{m[1]}: {banned[m[1]]}")
        for m in re.finditer(r"\bassert\s*\(", code):
            inside = parenthesis(code, m.end() - 1)
            if re.search(r"\+\+|--|(?<![=!<>])=(?!=)", inside):
                self.say("assert", path, line_of(code, m.start()), "an assertion that does work")

    def check_functions(self, path, code):
        flat = blank_directives(code)
        depth, start = 0, None
        for m in re.finditer(r"[{}]", flat):
            if m[0] == "{":
                if depth == 0 and flat[:m.start()].rstrip().endswith(")"):
                    start = m.start()
                depth += 1
                continue
            depth -= 1
            if depth == 0 and start is not None:
                self.check_function(path, code, start, m.start())
                start = None
        if depth != 0:
            self.say("braces", path, 1, "braces do not match")

    def check_function(self, path, code, start, end):
        first, last = line_of(code, start), line_of(code, end)
        if last - first + 1 > rules.FUNCTION_LINES:
            self.say("function-length", path, first, f"a function of {last - first + 1} lines; "
                     f"the cap is {rules.FUNCTION_LINES}")
        m = re.search(r"^\s*#\s*if", code[start:end], re.M)
        if m:
            self.say("ifdef", path, line_of(code, start + m.start()),
                     "a build of its own inside a function: give it a file")


def check_links(lint, text):
    """Link lines, as `make -n` prints them: `... -o DIR/program ... -lfoo ...`."""
    for line in text.split("\n"):
        m = re.search(r"\s-o\s+\S*?([\w-]+)(\s|$)", line)
        if m and m[1] in rules.LINKS and " -c " not in line:
            for lib in re.findall(r"\s(?:-l|\S*/lib(?=\w+\.a))([\w+-]+)", line):
                if lib in rules.LINKS[m[1]]:
                    lint.say("link", m[1], 1, f"must not be linked with lib{lib}")


def check_binaries(lint, folder):
    """What a built program says of itself."""
    for program, libs in rules.LINKS.items():
        path = os.path.join(folder, program)
        if not os.path.exists(path):
            continue
        out = subprocess.run(["readelf", "-d", path], text=True, capture_output=True, check=True)
        for lib in re.findall(r"\(NEEDED\).*\[lib([\w+-]+?)\.so", out.stdout):
            if lib in libs:
                lint.say("link", program, 1, f"was linked with lib{lib}")


def longest(table, path):
    hits = [p for p in table if path.startswith(p)]
    return table[max(hits, key=len)] if hits else None


def at(path, place):
    if place.endswith("/"):
        return path.startswith(place)
    return fnmatch.fnmatch(path, place) and path.count("/") == place.count("/")


def permits(allowed, path):
    best, verdict = -1, False
    for place in allowed:
        bare = place.lstrip("-")
        if path.startswith(bare) and len(bare) > best:
            best, verdict = len(bare), not place.startswith("-")
    return verdict


def line_of(text, pos):
    return text.count("\n", 0, pos) + 1


def strip(text):
    """The code without comments and without what stands in quotes; lines stay in place."""
    def blank(m):
        s = m[0]
        if s[0] in "\"'":
            return s[0] + re.sub(r"[^\n]", " ", s[1:-1]) + s[0]
        return re.sub(r"[^\n]", " ", s)
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, text,
                  flags=re.S)


def blank_directives(code):
    return re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda m: re.sub(r"[^\n]", " ", m[0]), code,
                  flags=re.M)


def parenthesis(code, pos):
    depth = 0
    for i in range(pos, len(code)):
        depth += {"(": 1, ")": -1}.get(code[i], 0)
        if depth == 0:
            return code[pos + 1:i]
    return code[pos:]


def run_case(folder, cc, cppflags):
    """None when the case is refused for exactly what it expects; else what went wrong."""
    lint = Lint(folder, cc, cppflags)
    lint.run()
    links = os.path.join(folder, "links")
    if os.path.exists(links):
        with open(links, encoding="utf-8") as f:
            check_links(lint, f.read())
    with open(os.path.join(folder, "expect"), encoding="utf-8") as f:
        want = {line.strip() for line in f if line.strip() and not line.startswith("#")}
    got = {f"{rule} {path}" for rule, path, _, _ in lint.found}
    if got == want:
        return None
    return f"expected {sorted(want)}, found {sorted(got)}"


def run_cases(cc, cppflags):
    failed, cases = 0, sorted(os.listdir(os.path.join(HERE, "cases")))
    for name in cases:
        wrong = run_case(os.path.join(HERE, "cases", name), cc, cppflags)
        if wrong:
            failed += 1
            print(f"tests/lint/cases/{name}: {wrong}")
    print(f"lint: {len(cases)} cases of its own, {failed} not as expected")
    return failed


def main():
    parser = argparse.ArgumentParser(description="check the house rules")
    parser.add_argument("--cc", default="cc")
    parser.add_argument("--cppflags", default="-I. -isystem /usr/include/decaf")
    parser.add_argument("--links", help="a file with the output of make -n -B V=1 all")
    parser.add_argument("--build", help="the folder that holds built programs, if any")
    args = parser.parse_args()
    root = os.path.dirname(os.path.dirname(HERE))
    cc, cppflags = args.cc.split(), args.cppflags.split()

    lint = Lint(root, cc, cppflags)
    lint.run()
    if args.links:
        with open(args.links, encoding="utf-8") as f:
            check_links(lint, f.read())
    if args.build:
        check_binaries(lint, args.build)
    for rule, path, line, message in lint.found:
        print(f"{path}:{line}: {rule}: {message}")
    print(f"lint: {len(lint.files)} files, {len(lint.found)} breaches")
    failed = run_cases(cc, cppflags)
    return 1 if lint.found or failed else 0


if __name__ == "__main__":
    sys.exit(main())
