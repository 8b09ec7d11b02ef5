"""Measures godwit beside its peers, whole processes, and prints ratios.

The contestants take turns (A B C A B C ...), so that a slow moment of the
machine meets all of them; medians are compared. See README.md.
"""
import argparse
import dataclasses
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

import corpus
import databases
import tools as contestants

TIMEOUT_S = 300
FLOOR = {'sqlite': 'sqlite3', 'postgresql': 'psql'}


@dataclasses.dataclass
class Measure:
    """Medians of one contestant in one scenario."""
    wall_ms: float
    cpu_ms: float
    peak_mb: float


class Failed(Exception):
    pass


class Stopwatch:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.program = self.folder / 'measure'
        source = pathlib.Path(__file__).with_name('measure.c')
        subprocess.run(['cc', '-O2', '-static', '-o', self.program, source], check=True)

    def run(self, job):
        """(wall µs, cpu µs, peak kB) of one run. Raises Failed when its status is not 0."""
        result, output = self.folder / 'result', self.folder / 'output'
        with open(output, 'wb') as sink:
            try:
                subprocess.run([self.program, result, *job.command], stdin=subprocess.DEVNULL, stdout=sink,
                               stderr=subprocess.STDOUT, check=True, timeout=TIMEOUT_S, cwd=self.folder,
                               env={**contestants.environment(), **job.environment})
            except subprocess.TimeoutExpired as error:
                raise Failed(f'unfinished after {TIMEOUT_S} s') from error
        *numbers, status = map(int, result.read_text().split())
        if status:
            last = output.read_text(errors='replace').strip().splitlines()[-3:]
            raise Failed(f"status {status}: {' / '.join(last)}")
        return numbers


def measure(stopwatch, jobs, rounds, prepare=None, check=None, slow=()):
    """Measures {name: Job} in turn; {name: Measure}. `prepare(name)` comes before
    each run, `check(name)` after the first; neither is timed."""
    samples = {name: [] for name in jobs}
    for number in range(rounds):
        for name in list(samples):
            if name in slow and number >= 3:
                continue
            try:
                if prepare:
                    prepare(name)
                samples[name].append(stopwatch.run(jobs[name]))
                if check and number == 0:
                    check(name)
            except Failed as error:
                print(f'FAILED {name}: {error}', flush=True)
                del samples[name]
    return {name: Measure(*(statistics.median(column) / scale for column, scale in
                            zip(zip(*rows), (1000, 1000, 1024)))) for name, rows in samples.items()}


class Bench:
    def __init__(self, arguments, folder, tools):
        self.arguments, self.tools, self.missed, self.filled = arguments, tools, [], set()
        self.stopwatch = Stopwatch(folder)
        self.databases = [databases.Sqlite(folder)]
        if arguments.postgresql:
            self.databases.append(databases.Postgresql(arguments.postgresql))
        if arguments.databases:
            self.databases = [database for database in self.databases if database.kind in arguments.databases]
        self.slow = {name for name, tool in tools.items() if tool.slow}

    def rounds(self, count):
        return max(3, count // 3) if self.arguments.quick else count

    def jobs(self, what, database, name, tools=None):
        """{tool: Job} of all that can do `what` with corpus `name`."""
        folder = corpus.make(self.arguments.cache, name)
        found = {}
        for tool in tools or self.tools.values():
            if tool.name in FLOOR.values() and tool.name != FLOOR[database.kind]:
                continue
            migrations = folder / ('plain' if isinstance(tool, contestants.Floor) else tool.name)
            job = getattr(tool, what)(database, migrations)
            if job:
                found[tool.name] = job
        return found

    def report(self, title, results, goals):
        """`goals`: (words, value, limit) of what is to be reached; value None when it was not measured."""
        print(f'\n{title}')
        ours = results.get('godwit')
        for name, result in sorted(results.items(), key=lambda item: item[1].wall_ms):
            ratio = f'{ours.wall_ms / result.wall_ms:6.2f}x' if ours and name != 'godwit' else '       '
            print(f'  {name:16} {result.wall_ms:10.1f} ms {result.cpu_ms:10.1f} ms cpu {result.peak_mb:8.1f} MB  {ratio}')
        for words, value, limit in goals:
            if value is None:
                outcome = 'NOT MEASURED'
            else:
                outcome = f'{"reached" if value <= limit else "MISSED"} ({value:.2f})'
            if not outcome.startswith('reached'):
                self.missed.append(f'{title}: {words}')
            print(f'  {words}: {outcome}', flush=True)

    @staticmethod
    def ratio(results, *names):
        """Our time over the shortest of `names`; None when either was not measured."""
        others = [results[name].wall_ms for name in names if name in results]
        return results['godwit'].wall_ms / min(others) if others and 'godwit' in results else None

    @staticmethod
    def peak(results):
        return results['godwit'].peak_mb if 'godwit' in results else None

    @staticmethod
    def peers_in(results):
        return [name for name in results if name in contestants.PEERS]

    def fill(self, database, name, tools):
        """Brings an own database of each tool to the newest version, for later restoring; each once."""
        for tool, job in self.jobs('up', database, name, tools).items():
            if (database.kind, tool, name) in self.filled:
                continue
            self.filled.add((database.kind, tool, name))
            database.reset()
            try:
                self.stopwatch.run(job)
            except Failed as error:
                print(f'FAILED {tool}: {error}', flush=True)
                continue
            database.save(f'saved-{tool}-{name}')

    def expect_tables(self, database, count):
        def check(name):
            found = database.count_tables()
            if found != count:
                raise Failed(f'left {found} tables instead of {count}')
        return check

    def start(self):
        jobs = {name: tool.version() for name, tool in self.tools.items() if tool.version()}
        results = measure(self.stopwatch, jobs, self.rounds(60), slow=self.slow)
        self.report('start: --version', results,
                    [('at most 1.5x sqlite3', self.ratio(results, 'sqlite3'), 1.5),
                     ('at most 10 MB', self.peak(results), 10)])

    def on_saved(self, what, database):
        """Measures `what`, which changes nothing, with 1,000 applied, each tool on its own database."""
        tools = [tool for tool in self.tools.values() if not isinstance(tool, contestants.Floor)]
        self.fill(database, '1000', tools)
        return measure(self.stopwatch, self.jobs(what, database, '1000', tools), self.rounds(21),
                       prepare=lambda name: database.restore(f'saved-{name}-1000'), slow=self.slow)

    def nothing(self, database):
        results = self.on_saved('up', database)
        self.report(f'nothing: up with nothing to do, 1,000 applied ({database.kind})', results,
                    [('at most 0.7x goose', self.ratio(results, 'goose'), 0.7)])

    def status(self, database):
        results = self.on_saved('status', database)
        self.report(f'status: with 1,000 applied ({database.kind})', results,
                    [('at most 0.5x the fastest peer', self.ratio(results, *self.peers_in(results)), 0.5)])

    def fresh(self, database):
        def prepare(_):
            database.reset()
            database.settle()
        return prepare

    def up(self, database):
        floor = FLOOR[database.kind]
        results = measure(self.stopwatch, self.jobs('up', database, '1000'), self.rounds(7), self.fresh(database),
                          self.expect_tables(database, 334), self.slow)
        limit = 0.95 if database.kind == 'sqlite' else 1.0
        self.report(f'up: 1,000, a transaction each ({database.kind})', results,
                    [(f'at most {limit:.2f}x {floor}', self.ratio(results, floor), limit),
                     ('faster than every peer', self.ratio(results, *self.peers_in(results)), 1.0)])

    def all(self, database):
        floor = FLOOR[database.kind]
        results = measure(self.stopwatch, self.jobs('up_in_one', database, '1000'), self.rounds(7),
                          self.fresh(database), self.expect_tables(database, 334))
        self.report(f'all: 1,000 in one transaction ({database.kind})', results,
                    [(f'at most 1.05x {floor}', self.ratio(results, floor), 1.05)])

    def down(self, database):
        jobs = self.jobs('down', database, '1000')
        self.fill(database, '1000', [self.tools[name] for name in jobs])

        def prepare(name):
            database.restore(f'saved-{name}-1000')
            database.settle()
        results = measure(self.stopwatch, jobs, self.rounds(7), prepare, self.expect_tables(database, 0), self.slow)
        self.report(f'down: 1,000 ({database.kind})', results,
                    [('faster than every peer', self.ratio(results, *self.peers_in(results)), 1.0)])

    def big(self, database):
        floor = FLOOR[database.kind]
        tools = [tool for tool in self.tools.values() if database.kind in tool.big]
        jobs = self.jobs('up', database, 'big', tools)

        def check(_):
            rows = int(database.ask('SELECT count(*) FROM big'))
            if rows != corpus.BIG_ROWS:
                raise Failed(f'left {rows} rows')
        results = measure(self.stopwatch, jobs, self.rounds(5), self.fresh(database), check, self.slow)
        if database.kind == 'sqlite':
            goals = [('at most 1.1x sqlite3', self.ratio(results, floor), 1.1),
                     ('at most 16 MB', self.peak(results), 16)]
        else:
            goals = [('no slower than the fastest peer', self.ratio(results, *self.peers_in(results)), 1.0),
                     ('at most 24 MB', self.peak(results), 24)]
        self.report(f'big: one 50 MB file of 200,000 INSERTs ({database.kind})', results, goals)

    def growth(self, database):
        if 'godwit' not in self.tools:
            return
        godwit = [self.tools['godwit']]
        for name in ('1000', '10000'):
            self.fill(database, name, godwit)
        for what, title in (('up', 'up with nothing to do'), ('status', 'status')):
            results = {}
            for name in ('1000', '10000'):
                database.restore(f'saved-godwit-{name}')
                found = measure(self.stopwatch, self.jobs(what, database, name, godwit), self.rounds(15))
                results.update({f'godwit {name}': result for result in found.values()})
            ratio = results['godwit 10000'].wall_ms / results['godwit 1000'].wall_ms if len(results) == 2 else None
            self.report(f'growth: {title}, 10,000 against 1,000 ({database.kind})', results,
                        [('at most 11x', ratio, 11)])


SCENARIOS = ('start', 'nothing', 'status', 'up', 'all', 'down', 'big', 'growth')


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('scenarios', nargs='*', metavar='SCENARIO', help=f"of: {' '.join(SCENARIOS)}; all without")
    parser.add_argument('--quick', action='store_true', help='a third of the rounds')
    parser.add_argument('--peers', nargs='+', choices=contestants.PEERS, help='only these')
    parser.add_argument('--databases', nargs='+', choices=('sqlite', 'postgresql'), help='only these')
    parser.add_argument('--build', default='build/release')
    parser.add_argument('--cache', required=True, help='where peers and corpora are kept')
    parser.add_argument('--postgresql', help='superuser URL of a server; without it SQLite alone is measured')
    arguments = parser.parse_args()
    unknown = set(arguments.scenarios) - set(SCENARIOS)
    if unknown:
        parser.error(f"unknown: {' '.join(sorted(unknown))}")
    return arguments


def main():
    arguments = parse_arguments()
    tools = contestants.gather(pathlib.Path(arguments.build).resolve(), arguments.cache, arguments.peers)
    if not arguments.postgresql:
        print('NOT MEASURED: PostgreSQL', flush=True)
    with tempfile.TemporaryDirectory(prefix='godwit-bench-', dir=os.environ.get('TMPDIR', '/tmp')) as folder:
        bench = Bench(arguments, folder, tools)
        for name in arguments.scenarios or SCENARIOS:
            if name == 'start':
                bench.start()
                continue
            for database in bench.databases:
                getattr(bench, name)(database)
    print(f'\n{len(bench.missed)} missed', *bench.missed, sep='\n  ')
    sys.exit(bool(bench.missed))


if __name__ == '__main__':
    main()
