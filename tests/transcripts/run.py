"""Runs the transcripts and compares; see README.md beside this file.

The last line is "N passed, N failed, N skipped". Fails when one failed, and
when one was skipped in continuous integration (CI=true).
"""
import argparse
import concurrent.futures
import difflib
import os
import pathlib
import signal
import string
import subprocess
import sys
import tempfile

import masks
import servers
import transcript as format

HERE = pathlib.Path(__file__).resolve().parent
COMMAND_TIMEOUT_S = 120


def lines_of(data, prefix):
    text = data.decode('utf-8', 'backslashreplace')
    if not text:
        return []
    lines = text.split('\n')
    if lines[-1]:
        lines.append('[no newline]')
    else:
        lines.pop()
    return [(prefix + line if line else prefix.rstrip()) if line != '[no newline]' else line for line in lines]


def shown(status, output, errors):
    """A command's result as it is written below it."""
    lines = lines_of(output, '') + lines_of(errors, '! ')
    if status:
        lines.append(f'[exit {status}]')
    last = len(lines)
    while last and not lines[last - 1]:
        last -= 1
    return lines[:last] + ['[blank]'] * (len(lines) - last)


def run_command(text, folder, environment):
    process = subprocess.Popen(['/bin/sh', '-c', text], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    try:
        output, errors = process.communicate(timeout=COMMAND_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, errors = process.communicate()
        errors += f'\n[timed out after {COMMAND_TIMEOUT_S} seconds]\n'.encode()
    status = process.returncode
    return (status if status >= 0 else 128 - status), output, errors


def write_file(folder, file):
    path = folder / file.path
    if folder not in path.resolve().parents:
        raise format.FormatError(f'{file.path} lies outside of the folder')
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(file.content)


def play(session, root, build, database):
    """Runs the session; one list of lines per command."""
    folder, home = root / 'work', root / 'home'
    folder.mkdir()
    home.mkdir()
    environment = {'PATH': f'{build}/bin:/usr/local/bin:/usr/bin:/bin', 'HOME': str(home), 'LANG': 'C.UTF-8',
                   'TZ': 'UTC', 'COLUMNS': '80', 'TERM': 'dumb', 'SOURCE': str(HERE.parent.parent),
                   **{name: os.environ[name] for name in os.environ if name.endswith('SAN_OPTIONS')},
                   **database.environment}
    known, outputs = '\n'.join(session.lines), []
    for item in session.items:
        if isinstance(item, format.File):
            write_file(folder, item)
        elif isinstance(item, format.Env):
            environment[item.name] = string.Template(item.value).safe_substitute(environment)
        else:
            lines = shown(*run_command(item.text, folder, environment))
            text = masks.mask('\n'.join(lines), folder, known, database.words)
            outputs.append(text.split('\n') if text else [])
    return outputs


def compare(path, session, outputs):
    problems = []
    commands = [item for item in session.items if isinstance(item, format.Command)]
    for command, actual in zip(commands, outputs):
        if command.expected != actual:
            problems.append(f'{path}:{command.line}: $ {command.text}')
            problems += list(difflib.unified_diff(command.expected, actual, 'expected', 'actual', lineterm='', n=3))
    return problems


def run_one(path, build, rewrite):
    """("passed" | "failed" | "skipped", lines to print)."""
    try:
        session = format.parse(path.read_text())
        lacking = servers.missing(session.requires)
        if lacking:
            return 'skipped', lacking
        with tempfile.TemporaryDirectory(prefix='godwit-') as root, servers.Database(session.requires) as database:
            outputs = play(session, pathlib.Path(root), build, database)
    except (format.FormatError, OSError, UnicodeError, subprocess.SubprocessError) as error:
        return 'failed', [f'{path}: {error}']
    problems = compare(path, session, outputs)
    if problems and rewrite:
        path.write_text(format.rewritten(session, outputs))
        return 'passed', [f'{path}: rewritten']
    return ('failed' if problems else 'passed'), problems


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('words', nargs='*', help='run those whose name contains one of these')
    parser.add_argument('--build', default='build/release', help='the build whose program runs')
    parser.add_argument('--folder', default=str(HERE), help='where the transcripts are')
    parser.add_argument('--jobs', type=int, default=2)
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    build = pathlib.Path(arguments.build).resolve()
    if not (build / 'bin/godwit').exists() and pathlib.Path(arguments.folder).resolve() == HERE:
        sys.exit(f'{build}/bin/godwit is not there: run script/build first')
    paths = [path for path in sorted(pathlib.Path(arguments.folder).glob('**/*.test'))
             if 'selftest' not in path.relative_to(arguments.folder).parts
             and (not arguments.words or any(word in path.stem for word in arguments.words))]
    rewrite = os.environ.get('GODWIT_REWRITE') == '1'
    counts = {'passed': 0, 'failed': 0, 'skipped': 0}
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        for path, (outcome, lines) in zip(paths, pool.map(lambda path: run_one(path, build, rewrite), paths)):
            counts[outcome] += 1
            if outcome != 'passed' or lines:
                print(f'{outcome.upper()} {path.stem}', *lines, sep='\n', flush=True)
    print('{passed} passed, {failed} failed, {skipped} skipped'.format(**counts))
    in_ci = os.environ.get('CI') == 'true'
    sys.exit(bool(counts['failed'] or not paths or (in_ci and counts['skipped'])))


if __name__ == '__main__':
    main()
