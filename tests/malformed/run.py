"""Gives the program malformed input and compares what it says; see README.md beside this file.

The last line is "N passed, N failed, N skipped". Fails when one failed, and
when one was skipped in continuous integration (CI=true).
"""
import argparse
import concurrent.futures
import contextlib
import difflib
import hashlib
import importlib.util
import os
import pathlib
import sqlite3
import stat
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
TRANSCRIPTS = HERE.parent / 'transcripts'
sys.path.insert(0, str(TRANSCRIPTS))
import cases  # noqa: E402  (what follows stands in another folder)
import masks  # noqa: E402
import servers  # noqa: E402

SETUP_TIMEOUT_S = 60
AUDIT = 'INSERT INTO "godwit_audit"'


def load_transcripts_runner():
    """tests/transcripts/run.py under a name of its own, since this file is called run as well."""
    spec = importlib.util.spec_from_file_location('transcripts_runner', TRANSCRIPTS / 'run.py')
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


transcripts = load_transcripts_runner()


def make(setup, folder, environment):
    if setup.kind == 'env':
        if setup.value is None:
            environment.pop(setup.name, None)
        else:
            environment[setup.name] = setup.value
        return
    if setup.kind == 'before':
        done = subprocess.run(['/bin/sh', '-c', setup.name], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SETUP_TIMEOUT_S)
        if done.returncode:
            raise cases.FormatError(f'before {setup.name}: status {done.returncode}: {done.stdout.decode(errors="replace")}')
        return
    path = os.path.join(os.fsencode(folder), setup.name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if setup.kind == 'file':
        with open(path, 'wb') as file:
            file.write(setup.value)
    elif setup.kind == 'folder':
        os.makedirs(path, exist_ok=True)
    elif setup.kind == 'pipe':
        os.mkfifo(path)
    elif setup.kind == 'link':
        os.symlink(setup.value, path)


def dump_of_sqlite(path):
    """The database as SQL, or None when it is none. A run that failed is noted in the audit table, and there alone."""
    try:
        with contextlib.closing(sqlite3.connect(f'file:{path}?mode=ro', uri=True)) as connection:
            return '\n'.join(line for line in connection.iterdump() if not line.startswith(AUDIT))
    except sqlite3.Error:
        return None


def snapshot(folder):
    """What stands below the folder: name → kind, mode, content."""
    found = {}
    for parent, folders, files in os.walk(os.fsencode(folder)):
        for name in folders + files:
            path = os.path.join(parent, name)
            facts = os.lstat(path)
            content = None
            if stat.S_ISREG(facts.st_mode):
                with open(path, 'rb') as file:
                    content = hashlib.sha256(file.read()).hexdigest()
                dump = dump_of_sqlite(os.fsdecode(path)) if name.endswith(b'.db') else None
                content = content if dump is None else (dump,)
            elif stat.S_ISLNK(facts.st_mode):
                content = os.readlink(path)
            found[os.path.relpath(path, os.fsencode(folder))] = (facts.st_mode, content)
    return found


def changes(before, after):
    lines = []
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) == after.get(name):
            continue
        what = 'appeared' if name not in before else 'vanished' if name not in after else 'changed'
        lines.append(f'  {os.fsdecode(name)!r} {what}')
        dumps = [state[name][1][0] for state in (before, after) if name in state and isinstance(state[name][1], tuple)]
        if len(dumps) == 2 and all(dumps):
            lines += list(difflib.unified_diff(dumps[0].split('\n'), dumps[1].split('\n'), lineterm='', n=0))
    return lines


def dump_of_server(database):
    if not database.kinds:
        return ''
    text = subprocess.run(['pg_dump', '--exclude-table-data=godwit_audit', database.environment['DATABASE_URL']], check=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, timeout=SETUP_TIMEOUT_S).stdout.decode()
    # Its \\restrict lines hold a random word.
    return '\n'.join(line for line in text.split('\n') if not line.startswith(('\\restrict', '\\unrestrict')))


def play(case, path, build, database, known):
    """(problems, outputs by line of the command)."""
    problems, outputs = [], {}
    with tempfile.TemporaryDirectory(prefix='godwit-') as root:
        folder, home = pathlib.Path(root) / 'work', pathlib.Path(root) / 'home'
        folder.mkdir()
        home.mkdir()
        environment = {'PATH': f'{build}/bin:/usr/local/bin:/usr/bin:/bin', 'HOME': str(home), 'LANG': 'C.UTF-8',
                       'TZ': 'UTC', 'COLUMNS': '80', 'TERM': 'dumb',
                       **{name: os.environ[name] for name in os.environ if name.endswith('SAN_OPTIONS')},
                       **database.environment}
        for setup in case.setup:
            make(setup, folder, environment)
        files, rows = snapshot(folder), dump_of_server(database)
        for command in case.commands:
            lines = transcripts.shown(*transcripts.run_command(command.text, folder, environment))
            text = masks.mask('\n'.join(lines), folder, known, database.words)
            outputs[command.line] = text.split('\n') if text else []
            if outputs[command.line] != command.expected:
                problems.append(f'{path.name}:{command.line}: {case.name}\n$ {command.text}')
                problems += difflib.unified_diff(command.expected, outputs[command.line], 'expected', 'actual',
                                                 lineterm='', n=3)
        changed = changes(files, snapshot(folder))
        rows_now = dump_of_server(database)
        if rows != rows_now:
            changed += difflib.unified_diff(rows.split('\n'), rows_now.split('\n'), lineterm='', n=0)
        if changed:
            problems += [f'{path.name}:{case.line}: {case.name}: something was changed', *changed]
    return problems, outputs


def run_file(path, build, words, rewrite, jobs, counts):
    read = cases.parse(path.read_text())
    chosen = [case for case in read.cases if not words or any(word in path.stem or word in case.name for word in words)]
    if not chosen:
        return
    lacking = servers.missing(read.requires)
    if lacking:
        counts['skipped'] += len(chosen)
        print(f'SKIPPED {path.name}', *lacking, sep='\n', flush=True)
        return
    known, rewrites = '\n'.join(read.lines), {}
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for problems, outputs in pool.map(lambda case: play_safely(case, path, build, read.requires, known), chosen):
            if rewrite:
                rewrites.update(outputs)
            counts['failed' if problems else 'passed'] += 1
            if problems:
                print('FAILED', *problems, sep='\n', flush=True)
    if rewrite:
        path.write_text(cases.rewritten(read, rewrites))


def play_safely(case, path, build, requires, known):
    try:
        with servers.Database(requires) as database:
            return play(case, path, build, database, known)
    except (cases.FormatError, OSError, UnicodeError, subprocess.SubprocessError) as error:
        return [f'{path.name}:{case.line}: {case.name}: {error}'], {}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('words', nargs='*', help='play those whose file or name contains one of these')
    parser.add_argument('--build', default='build/release', help='the build whose program runs')
    parser.add_argument('--jobs', type=int, default=2)
    arguments = parser.parse_args()
    build = pathlib.Path(arguments.build).resolve()
    if not (build / 'bin/godwit').exists():
        sys.exit(f'{build}/bin/godwit is not there: run script/build first')
    counts = {'passed': 0, 'failed': 0, 'skipped': 0}
    for path in sorted(HERE.glob('*.txt')):
        run_file(path, build, arguments.words, os.environ.get('GODWIT_REWRITE') == '1', arguments.jobs, counts)
    print('{passed} passed, {failed} failed, {skipped} skipped'.format(**counts))
    in_ci = os.environ.get('CI') == 'true'
    sys.exit(bool(counts['failed'] or not any(counts.values()) or (in_ci and counts['skipped'])))


if __name__ == '__main__':
    main()
