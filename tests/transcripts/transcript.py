"""Reads and writes transcripts; the format is described in README.md."""
import dataclasses
import re


class FormatError(Exception):
    pass


@dataclasses.dataclass
class Command:
    line: int              # Of its "$ " line, counted from 1.
    text: str
    expected: list         # The lines below it, without the blank ones at the end.
    first: int             # Half-open range of those lines in the file, counted from 0.
    last: int


@dataclasses.dataclass
class File:
    path: str
    content: bytes


@dataclasses.dataclass
class Env:
    name: str
    value: str


@dataclasses.dataclass
class Transcript:
    lines: list
    requires: list
    items: list            # File, Env and Command in order.


def unescape(text, line):
    out = bytearray()
    for piece in re.findall(r'\\x[0-9A-Fa-f]{2}|\\.|[^\\]+|\\', text):
        if piece.startswith('\\x'):
            out.append(int(piece[2:], 16))
        elif piece.startswith('\\'):
            if piece[1:] not in ('n', 'r', 't', '\\', '0'):
                raise FormatError(f'line {line}: unknown escape {piece}')
            out += {'n': b'\n', 'r': b'\r', 't': b'\t', '\\': b'\\', '0': b'\0'}[piece[1:]]
        else:
            out += piece.encode()
    return bytes(out)


def read_file_block(lines, at):
    words = lines[at].split()
    if len(words) not in (3, 4) or words[3:] not in ([], ['escaped']):
        raise FormatError(f'line {at + 1}: write "== file PATH" or "== file PATH escaped"')
    end = at + 1
    while end < len(lines) and not lines[end].startswith('== '):
        end += 1
    body = lines[at + 1:end]
    if words[3:]:
        content = unescape(''.join(body), at + 1)
    else:
        content = ''.join(line + '\n' for line in body).encode()
    return File(words[2], content), end


def read_command(lines, at):
    text, end = lines[at][2:], at + 1
    while end < len(lines) and lines[end].startswith('> '):
        text += '\n' + lines[end][2:]
        end += 1
    first = end
    while end < len(lines) and not lines[end].startswith(('$ ', '== ', 'env ')):
        end += 1
    last = end
    while last > first and not lines[last - 1]:
        last -= 1
    return Command(at + 1, text, lines[first:last], first, last), end


def read_session(lines, at, items):
    at += 1
    while at < len(lines) and not lines[at].startswith('== '):
        line = lines[at]
        if line.startswith('$ '):
            command, at = read_command(lines, at)
            items.append(command)
        elif line.startswith('env '):
            name, equals, value = line[4:].partition('=')
            if not equals:
                raise FormatError(f'line {at + 1}: write "env NAME=VALUE"')
            items.append(Env(name, value))
            at += 1
        elif not line or line.startswith('#'):
            at += 1
        else:
            raise FormatError(f'line {at + 1}: output without a command')
    return at


def parse(text):
    lines = text.split('\n')
    if lines and not lines[-1]:
        lines.pop()
    transcript = Transcript(lines, [], [])
    at = 0
    while at < len(lines):
        line = lines[at]
        if line.startswith('== file '):
            file, at = read_file_block(lines, at)
            transcript.items.append(file)
        elif line == '== session' or line.startswith('== session '):
            at = read_session(lines, at, transcript.items)
        elif line.startswith('== '):
            raise FormatError(f'line {at + 1}: blocks are "== file PATH" and "== session"')
        else:
            if line.startswith('requires:'):
                transcript.requires += line[len('requires:'):].split()
            at += 1
    if not any(isinstance(item, Command) for item in transcript.items):
        raise FormatError('holds no command')
    return transcript


def rewritten(transcript, outputs):
    """The text with each command's expectation replaced; `outputs` has one list of lines per command."""
    commands = [item for item in transcript.items if isinstance(item, Command)]
    lines = list(transcript.lines)
    for command, output in reversed(list(zip(commands, outputs))):
        lines[command.first:command.last] = output
    return '\n'.join(lines) + '\n'
