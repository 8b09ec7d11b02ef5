"""Fails on what the project's style rules out and a program can see.

Every header opens with a comment on what it is for and has `#pragma once`;
no file is longer than one sitting can read; no tabs, no trailing blanks, a
newline at the end; and no note that something is yet to be done. The width of
lines is the formatter's business.
"""
import pathlib
import re
import sys

MAX_LINES = 600
KINDS = {'.h', '.cpp', '.c', '.py', '.sh', '.cmake'}
# Spelled apart, so that this file does not find itself.
UNFINISHED = re.compile(r'\b(TO' r'DO|FIX' r'ME|X' r'XX)\b')


def problems_of(path, text):
    lines = text.split('\n')
    if path.suffix == '.h':
        if not text.startswith('//'):
            yield 1, 'a header opens with a comment that says what it is for'
        if '#pragma once' not in lines:
            yield 1, 'a header needs #pragma once'
    if len(lines) > MAX_LINES + 1:
        yield MAX_LINES, f'longer than {MAX_LINES} lines: split it by idea'
    if text and not text.endswith('\n'):
        yield len(lines), 'no newline at the end'
    for number, line in enumerate(lines, 1):
        if '\t' in line:
            yield number, 'a tab'
        if line != line.rstrip():
            yield number, 'a blank at the end of the line'
        if UNFINISHED.search(line):
            yield number, 'unfinished: finish it, or leave it out'


def files(root):
    for folder in ('src', 'tests', 'tools', 'bench', 'script', 'cmake', 'examples'):
        for path in sorted((root / folder).rglob('*')):
            is_script = path.parent.name == 'script' and not path.suffix
            if path.is_file() and 'corpus' not in path.parts and (path.suffix in KINDS or is_script):
                yield path


def main(root):
    root = pathlib.Path(root)
    found = [f'{path.relative_to(root)}:{number}: {problem}'
             for path in files(root) for number, problem in problems_of(path, path.read_text())]
    print('\n'.join(found) or 'style ok')
    return bool(found)


if __name__ == '__main__':
    sys.exit(main(sys.argv[1]))
