"""Reads and writes files of cases; the format is described in README.md."""
import dataclasses
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'transcripts'))
import transcript  # noqa: E402  (stands in another folder)

FormatError = transcript.FormatError
Command = transcript.Command


@dataclasses.dataclass
class Setup:
    """What is made before the commands: one of file, folder, link, pipe, env, before."""
    kind: str
    name: str
    value: object = None


@dataclasses.dataclass
class Case:
    name: str
    line: int
    setup: list = dataclasses.field(default_factory=list)
    commands: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class CaseFile:
    lines: list
    requires: list
    cases: list


def read_setup(lines, at):
    """(setup, next line), or (None, at) when the line is no setup."""
    kind, _, rest = lines[at].partition(' ')
    if kind == 'file':
        path, colon, text = rest.partition(': ')
        name = transcript.unescape(path, at + 1)
        if colon:
            return Setup(kind, name, transcript.unescape(text, at + 1)), at + 1
        end = at + 1
        while end < len(lines) and lines[end].startswith('|'):
            end += 1
        return Setup(kind, name, ''.join(line[2:] + '\n' for line in lines[at + 1:end]).encode()), end
    if kind in ('folder', 'pipe'):
        return Setup(kind, transcript.unescape(rest, at + 1)), at + 1
    if kind == 'link':
        path, arrow, target = rest.partition(' -> ')
        if not arrow:
            raise FormatError(f'line {at + 1}: write "link PATH -> TARGET"')
        return Setup(kind, path.encode(), target), at + 1
    if kind == 'env':
        name, equals, value = rest.partition('=')
        return Setup(kind, name, value if equals else None), at + 1
    if kind == 'before':
        return Setup(kind, rest), at + 1
    return None, at


def read_command(lines, at):
    """As a transcript's command, but that setup lines end it as well."""
    command, end = transcript.read_command(lines, at)
    for line in range(command.first, command.last):
        if lines[line].startswith('$ '):
            raise FormatError(f'line {line + 1}: a command within an output')
    return command, end


def parse(text):
    lines = text.split('\n')
    if lines and not lines[-1]:
        lines.pop()
    read, common, case = CaseFile(lines, [], []), [], None
    at = 0
    while at < len(lines):
        line = lines[at]
        if line.startswith('== '):
            case = Case(line[3:], at + 1)
            if case.name == 'every case':
                common = case.setup
            else:
                case.setup += common
                read.cases.append(case)
            at += 1
        elif not line or line.startswith('#') or case is None:
            if line.startswith('requires:'):
                read.requires += line[len('requires:'):].split()
            at += 1
        elif line.startswith('$ '):
            command, at = read_command(lines, at)
            case.commands.append(command)
        else:
            setup, at = read_setup(lines, at)
            if setup is None:
                raise FormatError(f'line {at + 1}: neither setup nor command: {line}')
            case.setup.append(setup)
    for case in read.cases:
        if not case.commands:
            raise FormatError(f'line {case.line}: {case.name}: no command')
    return read


def rewritten(read, outputs):
    """The text with expectations replaced; `outputs` maps a command's line to its lines."""
    lines = list(read.lines)
    commands = [command for case in read.cases for command in case.commands if command.line in outputs]
    for command in reversed(commands):
        lines[command.first:command.last] = outputs[command.line]
    return '\n'.join(lines) + '\n'
