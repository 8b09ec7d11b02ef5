"""Fails when a file includes a module that its own module may not know, or a
third-party header outside the modules that own it. Rules: tools/layers.txt."""
import pathlib
import re
import sys

INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')


def read_rules(path):
    allowed, owners = {}, {}
    for line in path.read_text().splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("owns "):
            _, header, *modules = line.split()
            owners[header] = set(modules)
        else:
            name, _, names = line.partition(":")
            allowed[name] = set(names.split()) | {name}
    return allowed, owners


def module_of(path, allowed):
    parts = path.split("/")[:-1]
    for size in (2, 1):
        name = "/".join(parts[:size])
        if name in allowed:
            return name
    return None


def check_file(file, source, allowed, owners):
    mine = module_of(str(file.relative_to(source)), allowed)
    if mine is None:
        return [f"{file}: its module is not in tools/layers.txt"]
    problems = []
    for number, line in enumerate(file.read_text().splitlines(), 1):
        found = INCLUDE.match(line)
        if not found:
            continue
        kind, header = found.groups()
        if kind == '"' and module_of(header, allowed) not in allowed[mine]:
            problems.append(f"{file}:{number}: {mine} may not include {header}")
        if kind == "<":
            for prefix, modules in owners.items():
                if header.startswith(prefix) and mine not in modules:
                    problems.append(f"{file}:{number}: only {' '.join(sorted(modules))} may include <{header}>")
    return problems


def main(root):
    source = pathlib.Path(root) / "src"
    allowed, owners = read_rules(pathlib.Path(root) / "tools/layers.txt")
    problems = []
    for file in sorted(source.rglob("*")):
        if file.suffix in (".h", ".cpp"):
            problems += check_file(file, source, allowed, owners)
    print("\n".join(problems) or "layers ok")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
