"""Starts several runs of the program at one barrier, on an empty and on an
existing database: every migration must run exactly once, and no run may fail.

Ends with "survived N/N" for each race. Exit status as kill_sweep.py's."""
import argparse
import os
import pathlib
import subprocess
import sys
import time

import databases

LIMIT_S = 120  # For all runs of one round.
EXISTING = 8   # Migrations that an existing database already has.


class Race:
    def __init__(self, arguments, folder, database, runners, start):
        self.godwit = arguments.godwit
        self.rounds = arguments.rounds
        self.folder = folder
        self.database = database
        self.runners = runners
        self.start = start

    def environment(self):
        keep = {name: value for name, value in os.environ.items() if not name.startswith(('DB_', 'DATABASE_', 'GODWIT_'))}
        return {**keep, 'ASAN_OPTIONS': 'detect_leaks=0'}

    def command(self, *words):
        return [self.godwit, '--url', self.database.url, '--yes', *words]

    def prepare(self):
        self.database.reset()
        if self.start == 'existing':
            done = subprocess.run(self.command('up', f'{EXISTING:04}'), cwd=self.folder, env=self.environment(),
                                  capture_output=True, text=True)
            if done.returncode != 0:
                raise SystemExit(f'up {EXISTING:04} fails undisturbed:\n{done.stderr}')

    def run_round(self):
        """What went wrong, or an empty text."""
        self.prepare()
        barrier, gate = os.pipe()
        # Each waits for the end of the pipe, which all of them see at once.
        wait_and_run = ['sh', '-c', f'read word </dev/fd/{barrier}; exec "$@"', 'sh', *self.command('up')]
        processes = [subprocess.Popen(wait_and_run, cwd=self.folder, env=self.environment(), pass_fds=(barrier,), text=True,
                                      stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
                     for _ in range(self.runners)]
        os.close(barrier)
        os.close(gate)
        problems = []
        for process in processes:
            try:
                said = process.communicate(timeout=LIMIT_S)[1]
            except subprocess.TimeoutExpired:
                process.kill()
                said = process.communicate()[1] + '(it did not end)'
            if process.returncode != 0:
                problems.append(f'a run ended with {process.returncode}: {said.strip()[-400:]}')
        effects = self.database.effects()
        for number in range(1, 21):
            times = effects.get(f'{number:04}', 0)
            if times != 1:
                problems.append(f'{number:04} ran {times} times')
        if self.database.snapshot() != self.wanted:
            problems.append('the database differs from that of a single run')
        return '\n    '.join(problems[:5])

    def run(self, deadline):
        self.database.reset()
        single = subprocess.run(self.command('up'), cwd=self.folder, env=self.environment(), capture_output=True, text=True)
        if single.returncode != 0:
            raise SystemExit(f'up fails undisturbed:\n{single.stderr}')
        self.wanted = self.database.snapshot()
        tried = survived = 0
        for _ in range(self.rounds):
            if time.monotonic() > deadline:
                print(f'  out of time after {tried} rounds')
                break
            tried += 1
            problem = self.run_round()
            survived += not problem
            if problem:
                print(f'  round {tried}: {problem}')
        print(f'{self.database.name}, {self.runners} runs at once on an {self.start} database: survived {survived}/{tried}',
              flush=True)
        return survived == self.rounds


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--godwit', required=True, help='the program')
    parser.add_argument('--database', choices=('sqlite', 'postgresql', 'dynamodb'), required=True)
    parser.add_argument('--rounds', type=int, default=50)
    parser.add_argument('--quick', action='store_true', help='5 rounds')
    parser.add_argument('--minutes', type=float, default=12, help='stop after this time and fail')
    parser.add_argument('--careless', action='store_true', help='check the race itself: a tool without a lock must be found out')
    arguments = parser.parse_args()
    if arguments.careless:
        arguments.godwit = str(pathlib.Path(__file__).with_name('careless.py'))
    if arguments.quick:
        arguments.rounds = 5
    deadline = time.monotonic() + 60 * arguments.minutes
    good = True
    with databases.scratch_folder() as folder:
        try:
            database = databases.open_database(arguments.database, folder)
        except databases.Unavailable as missing:
            print(f'NOT TESTED: {missing}')
            return 1 if os.environ.get('CI') == 'true' else databases.SKIPPED
        databases.write_project(folder, database, database.migrations())
        for runners in (2, 10):
            for start in ('empty',) if arguments.careless else ('empty', 'existing'):
                good = Race(arguments, folder, database, runners, start).run(deadline) and good
        database.close()
    return 0 if good != arguments.careless else 1


if __name__ == '__main__':
    sys.exit(main())
