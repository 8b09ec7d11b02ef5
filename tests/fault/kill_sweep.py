"""Kills the program at chosen system calls of a run of 20 migrations, runs it
again, and compares schema, data and history with a run that nobody disturbed.
On PostgreSQL also ends the program's sessions, and restarts the server, while
the program is held at such a call.

Ends with "survived N/N" for each sweep. Exit status: 0 all survived, 1 not all,
77 skipped because a server is missing (1 when CI=true)."""
import argparse
import os
import pathlib
import signal
import subprocess
import sys
import time

import databases

LIMIT_S = 60  # For one run of the program.
NEEDS_REPAIR = 8


class Program:
    def __init__(self, godwit, shim, folder, database):
        self.godwit = godwit
        self.shim = shim
        self.folder = folder
        self.database = database

    def environment(self, extra):
        keep = {name: value for name, value in os.environ.items() if not name.startswith(('DB_', 'DATABASE_', 'GODWIT_'))}
        # The shim stands before the sanitizers' runtime, and a killed run leaks.
        keep['ASAN_OPTIONS'] = 'verify_asan_link_order=0:detect_leaks=0'
        return {**keep, **extra}

    def arguments(self, command):
        return [self.godwit, '--url', self.database.url, '--yes', *command]

    def run(self, command):
        return subprocess.run(self.arguments(command), cwd=self.folder, env=self.environment({}), text=True,
                              capture_output=True, timeout=LIMIT_S, stdin=subprocess.DEVNULL)

    def run_with_fault(self, command, **fault):
        """Runs with the shim; `fault` becomes GODWIT_FAULT_…; returns the process when it has ended."""
        extra = {f'GODWIT_FAULT_{key.upper()}': str(value) for key, value in fault.items()}
        return subprocess.run(self.arguments(command), cwd=self.folder, env=self.environment({**extra, 'LD_PRELOAD': self.shim}),
                              text=True, capture_output=True, timeout=LIMIT_S, stdin=subprocess.DEVNULL)

    def run_and_hold(self, command, at, meanwhile):
        """Runs until call `at`, does `meanwhile`, lets it go on. (reached, process)"""
        told, tell = os.pipe()
        wait, wake = os.pipe()
        extra = {'LD_PRELOAD': self.shim, 'GODWIT_FAULT_AT': str(at), 'GODWIT_FAULT_WHEN': 'before',
                 'GODWIT_FAULT_ACTION': 'hold', 'GODWIT_FAULT_TELL': str(tell), 'GODWIT_FAULT_WAIT': str(wait)}
        process = subprocess.Popen(self.arguments(command), cwd=self.folder, env=self.environment(extra), text=True,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, pass_fds=(tell, wait))
        os.close(tell)
        os.close(wait)
        reached = os.read(told, 1) == b'h'  # Nothing is read when the process ends before that call.
        if reached:
            meanwhile()
        os.close(wake)
        os.close(told)
        process.stdout_text = process.communicate(timeout=LIMIT_S)[0]
        return reached, process

    def count_calls(self, command):
        path = pathlib.Path(self.folder) / 'count'
        done = self.run_with_fault(command, count=path)
        if done.returncode != 0:
            raise SystemExit(f'the undisturbed run fails with {done.returncode}:\n{done.stderr}{done.stdout}')
        return int(path.read_text())


def spread(count, most):
    """At most `most` whole numbers of 1..count, evenly."""
    if count <= most:
        return list(range(1, count + 1))
    return sorted({1 + round(index * (count - 1) / (most - 1)) for index in range(most)})


class Sweep:
    """One way of disturbing, at many points of one run."""

    def __init__(self, what, program, command, before, points):
        self.what = what
        self.program = program
        self.database = program.database
        self.command = command
        self.before = before  # Commands that lead to where `command` starts.
        self.points = points
        self.tried = 0
        self.survived = 0
        self.recovered = 0

    def prepare(self):
        self.database.reset()
        for command in self.before:
            done = self.program.run(command)
            if done.returncode != 0:
                raise SystemExit(f'{command} fails undisturbed:\n{done.stderr}')

    def learn(self):
        self.prepare()
        self.calls = self.program.count_calls(self.command)
        self.wanted = self.database.snapshot()
        again = self.program.run(self.command)
        if again.returncode != 0 or self.database.snapshot() != self.wanted:
            raise SystemExit(f'{self.command} run twice is not the same as once:\n{again.stderr}')

    def settle(self, label, first_status, first_text):
        """Runs again and compares."""
        self.tried += 1
        again = self.program.run(self.command)
        problem = ''
        if again.returncode != 0:
            asks = ' (it asks for a person)' if again.returncode == NEEDS_REPAIR else ''
            problem = f'the next run ends with {again.returncode}{asks}: {again.stderr.strip()[:600]}'
        else:
            got = self.database.snapshot()
            if got != self.wanted:
                problem = 'differs: ' + databases.first_difference(got, self.wanted)
        if not problem:
            self.survived += 1
            self.recovered += first_status == 0
        else:
            print(f'  {self.what}, {label}: the first run ended with {first_status}: {first_text.strip()[-300:]}\n    {problem}')

    def report(self):
        extra = f', {self.recovered} of them without help' if self.recovered else ''
        print(f'{self.database.name}, {self.what}: survived {self.survived}/{self.tried}{extra}', flush=True)
        return self.survived == self.tried and self.tried > 0


class KillSweep(Sweep):
    def run(self, deadline):
        self.learn()
        # Each call has two points: before it takes effect, and after.
        for point in spread(2 * self.calls, self.points):
            if time.monotonic() > deadline:
                print(f'  {self.what}: out of time after {self.tried} points')
                break
            at, when = (point + 1) // 2, 'before' if point % 2 else 'after'
            self.prepare()
            done = self.program.run_with_fault(self.command, at=at, when=when, action='kill')
            if done.returncode == 0:
                continue  # This run made fewer calls than the counted one.
            if done.returncode != -signal.SIGKILL:
                print(f'  {self.what}, {when} call {at}: ended with {done.returncode} before it was killed: {done.stderr}')
            self.settle(f'killed {when} call {at}', done.returncode, done.stderr)
        return self.report()


class HoldSweep(Sweep):
    """Does `meanwhile` while the program is held at a call."""

    def __init__(self, what, program, command, before, points, meanwhile):
        super().__init__(what, program, command, before, points)
        self.meanwhile = meanwhile

    def run(self, deadline):
        self.learn()
        for at in spread(self.calls, self.points):
            if time.monotonic() > deadline:
                print(f'  {self.what}: out of time after {self.tried} points')
                break
            self.prepare()
            reached, process = self.program.run_and_hold(self.command, at, self.meanwhile)
            if reached:
                self.settle(f'at call {at}', process.returncode, process.stdout_text)
        return self.report()


class SeedSweep(KillSweep):
    """Whenever it is killed: what was seeded is known, and goes; what was not seeded stays."""

    def learn(self):
        self.prepare()
        self.unseeded = self.database.snapshot()
        super().learn()

    def settle(self, label, first_status, first_text):
        survived = self.survived
        super().settle(label, first_status, first_text)
        if self.survived == survived:
            return
        cleared = self.program.run(['seed', 'clear', '--confirm'])
        got = self.database.snapshot()
        if cleared.returncode != 0 or got != self.unseeded:
            self.survived = survived
            differs = cleared.stderr.strip() or databases.first_difference(got, self.unseeded)
            print(f'  {self.what}, {label}: what was seeded does not go: {differs}')


def compile_shim(folder):
    source = pathlib.Path(__file__).with_name('kill_shim.c')
    shim = pathlib.Path(folder) / 'kill_shim.so'
    subprocess.run(['cc', '-O1', '-shared', '-fPIC', source, '-o', shim, '-ldl'], check=True)
    return str(shim)


def restart_server(name):
    script = pathlib.Path(__file__).resolve().parents[2] / 'script' / 'servers'
    done = subprocess.run([script, 'restart', '--no-fsync', '--immediate', name], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f'{script} restart {name}: {done.stderr}')


def sweeps(arguments, folder):
    database = databases.open_database(arguments.database, folder)
    some = max(8, arguments.points // 4)
    if not arguments.careless:
        notes = Program(arguments.godwit, arguments.shim, str(pathlib.Path(folder) / 'notes'), database)
        os.mkdir(notes.folder)
        databases.write_project(notes.folder, database, databases.notes_migration(database))
        databases.write_seeds(notes.folder)
        seed, clear = ['seed', 'demo', '--seeds', 'seeds.json'], ['seed', 'clear', '--confirm']
        yield SeedSweep('kill -9, seed', notes, seed, [['up']], some)
        yield KillSweep('kill -9, seed clear', notes, clear, [['up'], seed], max(5, some // 2))
    mixed = Program(arguments.godwit, arguments.shim, str(pathlib.Path(folder) / 'mixed'), database)
    os.mkdir(mixed.folder)
    databases.write_project(mixed.folder, database, database.migrations())
    if database.name == 'dynamodb':
        yield KillSweep('kill -9, up', mixed, ['up'], [], arguments.points)
        yield KillSweep('kill -9, down', mixed, ['down', 'base'], [['up']], some)
        return
    plain = Program(arguments.godwit, arguments.shim, str(pathlib.Path(folder) / 'plain'), database)
    os.mkdir(plain.folder)
    databases.write_project(plain.folder, database, databases.plain_migrations())
    if arguments.careless:
        yield KillSweep('kill -9, a careless tool', plain, ['up'], [], arguments.points)
        return
    yield KillSweep('kill -9, up, what needs no transaction included', mixed, ['up'], [], arguments.points)
    yield KillSweep('kill -9, up, all in transactions', plain, ['up'], [], some)
    yield KillSweep('kill -9, up, --tx-mode all', plain, ['up', '--tx-mode', 'all'], [], some)
    yield KillSweep('kill -9, up, --tx-mode none', plain, ['up', '--tx-mode', 'none'], [], some)
    yield KillSweep('kill -9, down', mixed, ['down', 'base'], [['up']], some)
    if database.name != 'postgresql':
        return
    yield HoldSweep('session terminated', mixed, ['up'], [], some, database.terminate_all)
    if os.environ.get('GODWIT_TEST_POSTGRESQL_RESTART'):
        restarted = databases.Postgresql('GODWIT_TEST_POSTGRESQL_RESTART')
        own = Program(arguments.godwit, arguments.shim, mixed.folder, restarted)
        yield HoldSweep('server restarted at once', own, ['up'], [], max(5, some // 5), lambda: restart_server('postgresql@restart'))
    else:
        raise databases.Unavailable('GODWIT_TEST_POSTGRESQL_RESTART is not set: script/servers start postgresql@restart')


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--godwit', required=True, help='the program')
    parser.add_argument('--shim', help='kill_shim.so; left out, it is compiled with cc')
    parser.add_argument('--database', choices=('sqlite', 'postgresql', 'dynamodb'), required=True)
    parser.add_argument('--points', type=int, default=200, help='of the main sweep; the others have a quarter')
    parser.add_argument('--quick', action='store_true', help='24 points')
    parser.add_argument('--minutes', type=float, default=12, help='stop after this time and fail')
    parser.add_argument('--only', default='', help='sweeps whose name contains this')
    parser.add_argument('--careless', action='store_true', help='check the sweep itself: a tool without protections must be found out')
    arguments = parser.parse_args()
    if arguments.careless:
        arguments.godwit = str(pathlib.Path(__file__).with_name('careless.py'))
    if arguments.quick:
        arguments.points = 24
    deadline = time.monotonic() + 60 * arguments.minutes
    good = True
    with databases.scratch_folder() as folder:
        arguments.shim = arguments.shim or compile_shim(folder)
        try:
            for sweep in sweeps(arguments, folder):
                if arguments.only not in sweep.what:
                    continue
                good = sweep.run(deadline) and good
                sweep.database.close()
        except databases.Unavailable as missing:
            print(f'NOT TESTED: {missing}')
            if os.environ.get('CI') == 'true' or not good:
                return 1
            return databases.SKIPPED
    if arguments.careless:
        return 1 if good else 0
    return 0 if good and time.monotonic() < deadline else 1


if __name__ == '__main__':
    sys.exit(main())
