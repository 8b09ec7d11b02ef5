"""Plants a password and looks for it in everything that the program leaves behind.

Each case runs the program with the password given in one way (URL, variables,
project file, password file), successfully or not, and searches standard output
and error, every file that appeared, the whole database as pg_dump shows it, and
the command lines of all processes while it runs. Nothing but what the case
itself wrote may hold it, plain, percent-encoded, base64 or as SQL would quote it.

    python3 tests/secrets/run.py [--build build/release] [WORD…]

Needs a PostgreSQL server in GODWIT_TEST_POSTGRESQL whose user may create roles.
The last line is "N passed, N failed, N skipped". Fails when one failed, and
when one was skipped in continuous integration (CI=true).
"""
import argparse
import base64
import dataclasses
import os
import pathlib
import secrets
import subprocess
import sys
import tempfile
import threading
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / 'transcripts'))
import servers  # noqa: E402  (stands in another folder)

TIMEOUT_S = 60
CORE_LENGTH = len('Pl4nted-') + 16
MIGRATION = '''-- UP
CREATE TABLE planted (id integer PRIMARY KEY);
SELECT pg_sleep(0.3);
-- DOWN
DROP TABLE planted;
'''
BROKEN = '-- UP\nCREATE TABLE broken (id integer);\nSELECT nowhere FROM planted;\n'


@dataclasses.dataclass
class Server:
    """Where the cases connect to, and as whom."""
    host: str
    port: str
    name: str
    user: str
    password: str

    def url(self, password=None, host=None, port=None, user=None, name=None, parameters=''):
        secret = urllib.parse.quote(self.password if password is None else password, safe='')
        return (f'postgresql://{user or self.user}:{secret}@{host or self.host}:{port or self.port}/'
                f'{name or self.name}{parameters}')


def forms(password):
    """What a careless program could make of it; its beginning reads the same however it is quoted."""
    quoted = urllib.parse.quote(password, safe='')
    return {password[:CORE_LENGTH], password, quoted, quoted.lower(), urllib.parse.quote_plus(password), password.replace("'", "''"),
            password.replace('\\', '\\\\'), base64.b64encode(password.encode()).decode().rstrip('='),
            password.encode().hex()}


def process_table():
    found = {}
    for entry in pathlib.Path('/proc').iterdir():
        if entry.name.isdigit():
            try:
                found[int(entry.name)] = (entry / 'cmdline').read_bytes()
            except OSError:
                pass
    return found


class Watch(threading.Thread):
    """Collects the command lines of processes until stopped."""

    def __init__(self):
        super().__init__(daemon=True)
        self.seen, self.over = {}, threading.Event()

    def run(self):
        while not self.over.wait(0.02):
            for pid, line in process_table().items():
                self.seen.setdefault(pid, set()).add(line)

    def stop(self):
        self.over.set()
        self.join()
        return self.seen


def contents(folder):
    return {path: path.read_bytes() for path in sorted(folder.rglob('*')) if path.is_file() and not path.is_symlink()}


def dump(server):
    environment = {**os.environ, 'PGPASSWORD': server.password}
    command = ['pg_dump', '-h', server.host, '-p', server.port, '-U', server.user, server.name]
    return subprocess.run(command, check=True, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          timeout=TIMEOUT_S).stdout


@dataclasses.dataclass
class Case:
    name: str
    commands: list                    # Arguments of godwit, run one after another.
    status: int                       # What the last one must end with.
    files: dict = dataclasses.field(default_factory=dict)
    environment: dict = dataclasses.field(default_factory=dict)
    in_arguments: bool = False        # The user put it there: the program's own command line may hold it.


def project(address, rest=''):
    return f'[database.main]\n{address}\n{rest}'


def all_cases(server):
    """Ways to give the password, and things to go wrong."""
    good = server.url()
    run = [['status'], ['plan'], ['up'], ['status', '-o', 'json', '-v'], ['history', '-v'], ['lock', 'status'],
           ['repair'], ['validate'], ['down'], ['up', '-o', 'ndjson', '--echo', '-v'], ['redo', '--log-format', 'json'],
           ['current'], ['stamp', 'base'], ['stamp', 'head', '-o', 'json']]
    parts = (f'host = "{server.host}"\nport = {server.port}\nuser = "{server.user}"\ndbname = "{server.name}"')
    literal = server.password.replace('\\', '\\\\').replace('"', '\\"')
    host_variables = {'DB_HOST': server.host, 'DB_PORT': server.port, 'DB_NAME': server.name, 'DB_USER': server.user}
    bare = good.split('//')[0] + '//' + server.user + '@' + good.split('@')[1]
    wrong = {
        'wrong port': (server.url(port='1'), 7),
        'unknown host': (server.url(host='no-such-host.invalid'), 7),
        'unknown database': (server.url(name='no_such_database'), 7),
        'unknown user': (server.url(user='no_such_user'), 7),
        'unknown parameter': (server.url(parameters='?sslmod=require'), 2),
        'TLS that is not there': (server.url(parameters='?sslmode=require'), 7),
        'a wrong sslmode': (server.url(parameters='?sslmode=perhaps'), None),
        'a wrong setting': (server.url(parameters='?options=-c%20nothing%3D1'), 7),
        'a parameter without value': (server.url(parameters='?sslmode'), 2),
        'a port that is none': (server.url(port='54x2'), 2),
        'an unknown scheme': (good.replace('postgresql:', 'oracle:'), 2),
        'no scheme': (good.split('://')[1], 2),
        'no slashes': (good.replace('://', ':'), 2),
        'a blank scheme': (good.replace('postgresql:', 'my sql:'), 2),
        'not encoded, with @': (good.replace('@', 'x@x@', 1), None),
        'a broken escape': (good.replace('@', '%zz@', 1), 2),
        'an open bracket': (good.replace('@', '@[', 1), 2),
    }
    marks = secrets.token_hex(12)  # For the unencoded ones: short enough to be told apart, with each separator.
    cases = [
        Case('DATABASE_URL', run, 0, environment={'DATABASE_URL': good}),
        Case('--url', run, 0, in_arguments=True),
        Case('DB_PASSWORD', run, 0, environment={**host_variables, 'DB_PASSWORD': server.password}),
        Case('PGPASSWORD', run, 0, environment={'DATABASE_URL': bare, 'PGPASSWORD': server.password}),
        Case('the project file: text', run, 0, files={'godwit.toml': project(f'url = "{bare}"', f'password = "{literal}"')}),
        Case('the project file: URL', run, 0, files={'godwit.toml': project(f'url = "{good}"')}),
        Case('the project file: parts', run, 0, files={'godwit.toml': project(parts, f'password = "{literal}"')}),
        Case('the project file: env', run, 0, files={'godwit.toml': project(parts, 'password = "env:PLANTED"')},
             environment={'PLANTED': server.password}),
        Case('the project file: file', run, 0, files={'godwit.toml': project(parts, 'password = "file:secret.txt"'),
                                                      'secret.txt': server.password + '\n'}),
        Case('the project file: ${NAME}', run, 0, files={'godwit.toml': project('url = "${PLANTED}"')},
             environment={'PLANTED': good}),
        Case('a failing migration', [['up', '-v', '--echo'], ['up', '-o', 'json'], ['status', '-v']], 0,
             files={'migrations/0002_broken.sql': BROKEN}, environment={'DATABASE_URL': good}),
        Case('a wrong password', [['status'], ['up', '-o', 'json'], ['up', '-v', '--echo', '--log-format', 'json']], 7,
             environment={'DATABASE_URL': server.url(password=server.password + 'x')}),
        Case('a password that is not closed in the project file', [['status']], 2,
             files={'godwit.toml': project(f'url = "{bare}"', f'password = "{literal}\n')}),
        Case('a password without quotes in the project file', [['status']], 2,
             files={'godwit.toml': project(f'url = "{bare}"', f'password = {literal}\n')}),
        Case('a password twice in the project file', [['status']], 2,
             files={'godwit.toml': project(f'url = "{bare}"', f'password = "{literal}"\npassword = "{literal}"\n')}),
        Case('a password under an unknown key', [['status']], 2,
             files={'godwit.toml': project(f'url = "{bare}"', f'passwort = "{literal}"\n')}),
        Case('a list of passwords', [['status']], 2,
             files={'godwit.toml': project(f'url = "{bare}"', f'password = ["{literal}"]\n')}),
        Case('a password in a URL that has a variable too few', [['status']], 2,
             files={'godwit.toml': project('url = "' + good.replace('@', '@${NOT_SET}', 1) + '"')}),
        Case('init with a password', [['init', '--url', good]], 2, in_arguments=True),
    ]
    for name, (url, status) in wrong.items():
        cases.append(Case(f'{name}: DATABASE_URL', [['status'], ['up', '-o', 'json'], ['up', '-v']], status,
                          environment={'DATABASE_URL': url}))
        cases.append(Case(f'{name}: the project file', [['status'], ['up', '-o', 'ndjson']], status,
                          files={'godwit.toml': project(f'url = "{url}"')}))
    for mark in '/?#@:%&= ':
        planted = marks[:12] + mark + marks[12:]
        cases.append(Case(f'not encoded {mark!r}', [['status'], ['status', '-o', 'json']], None,
                          environment={'DATABASE_URL': f'postgresql://{server.user}:{planted}@127.0.0.1:1/x',
                                       'PLANTED_PARTS': marks[:12] + ' ' + marks[12:]}))
        cases.append(Case(f'not encoded {mark!r}, all digits ahead', [['status'], ['status', '-o', 'json']], None,
                          environment={'DATABASE_URL': f'postgresql://{server.user}:123{mark}{marks}@127.0.0.1:1/x',
                                       'PLANTED_PARTS': marks}))
    return cases


def run_command(arguments, build, folder, environment):
    """(status, output, command lines of other processes and of the program's own children)."""
    watch = Watch()
    watch.start()
    process = subprocess.Popen([str(build / 'bin/godwit'), *arguments], cwd=folder, env=environment,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        output, errors = process.communicate(timeout=TIMEOUT_S)
    finally:
        process.kill()
    return process.returncode, output + errors, process.pid, watch.stop()


def reset(server):
    environment = {**os.environ, 'PGPASSWORD': server.password}
    subprocess.run(['psql', '-X', '-q', '-h', server.host, '-p', server.port, '-U', server.user, server.name, '-c',
                    'SET client_min_messages = warning; DROP TABLE IF EXISTS planted, schema_migrations, '
                    'godwit_journal, godwit_audit'], check=True, env=environment, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, timeout=TIMEOUT_S)


def play(case, server, build):
    """What is wrong, as lines."""
    problems = []
    words = forms(server.password)
    if 'PLANTED_PARTS' in case.environment:
        words |= set(case.environment['PLANTED_PARTS'].split())
    held = lambda data: any(word.encode() in data for word in words)
    reset(server)
    with tempfile.TemporaryDirectory(prefix='godwit-') as root:
        folder = pathlib.Path(root)
        for name, text in {'migrations/0001_planted.sql': MIGRATION, **case.files}.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        written = contents(folder)
        environment = {'PATH': os.environ['PATH'], 'HOME': root, 'LANG': 'C.UTF-8',
                       **{name: value for name, value in os.environ.items() if name.endswith('SAN_OPTIONS')},
                       **{name: value for name, value in case.environment.items() if name != 'PLANTED_PARTS'}}
        status = 0
        for arguments in case.commands:
            if case.in_arguments and '--url' not in arguments:
                arguments = [*arguments, '--url', server.url()]
            status, output, pid, processes = run_command(arguments, build, folder, environment)
            shown = 'godwit ' + ' '.join(word for word in arguments if not held(word.encode()))
            if held(output):
                problems.append(f'{shown}: in its output:\n' + output.decode(errors='replace'))
            for other, lines in processes.items():
                if other == pid and case.in_arguments:
                    continue
                problems += [f'{shown}: in the arguments of process {other}' for line in lines if held(line)]
        if case.status is not None and status != case.status:
            problems.append(f'the last command ended with {status}, not {case.status}:\n' + output.decode(errors='replace'))
        for path, data in contents(folder).items():
            if held(data) and written.get(path) != data:
                problems.append(f'in the file {path.relative_to(folder)}')
    if held(dump(server)):
        problems.append('in the database')
    return problems


def prepare(database):
    """A role with a password that needs every kind of quoting, and a database of its own."""
    parts = urllib.parse.urlsplit(database.admin)
    user = 'planted_' + secrets.token_hex(4)
    password = 'Pl4nted-' + secrets.token_hex(8) + "@:/?#%&=+ '\"\\é"
    quoted = password.replace("'", "''")
    servers.psql(database.admin, f"CREATE ROLE {user} LOGIN PASSWORD '{quoted}'")
    servers.psql(database.admin, f'ALTER DATABASE {database.name} OWNER TO {user}')
    return Server(parts.hostname, str(parts.port), database.name, user, password)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('words', nargs='*', help='play those whose name contains one of these')
    parser.add_argument('--build', default='build/release', help='the build whose program runs')
    arguments = parser.parse_args()
    build = pathlib.Path(arguments.build).resolve()
    if not (build / 'bin/godwit').exists():
        sys.exit(f'{build}/bin/godwit is not there: run script/build first')
    lacking = servers.missing(['postgresql', 'psql', 'pg_dump'])
    if lacking:
        print('SKIPPED', *lacking, '0 passed, 0 failed, 1 skipped', sep='\n')
        sys.exit(os.environ.get('CI') == 'true')
    passed = failed = 0
    with servers.Database(['postgresql']) as database:
        server = prepare(database)
        for case in all_cases(server):
            if arguments.words and not any(word in case.name for word in arguments.words):
                continue
            problems = play(case, server, build)
            passed, failed = passed + (not problems), failed + bool(problems)
            if problems:
                print(f'FAILED {case.name}', *problems, sep='\n', flush=True)
        servers.psql(database.admin, f'ALTER DATABASE {database.name} OWNER TO CURRENT_USER')
        servers.psql(database.admin, f'DROP ROLE {server.user}')
    print(f'{passed} passed, {failed} failed, 0 skipped')
    sys.exit(bool(failed or not passed))


if __name__ == '__main__':
    main()
