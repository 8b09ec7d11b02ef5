"""Runs the kill sweeps, the races and the wire that fails against a build, at full
length: 200 points and 50 rounds, and two minutes of the last. Each counts as one test;
the last line is "N passed, N failed, N skipped"."""
import argparse
import os
import pathlib
import re
import subprocess
import sys

import databases

HERE = pathlib.Path(__file__).resolve().parent
SURVIVED = re.compile(r'^(.+): survived (\d+)/(\d+)')


def run(arguments, counts):
    """One script; its lines go to standard output as they come."""
    process = subprocess.Popen([sys.executable, *map(str, arguments)], stdout=subprocess.PIPE, text=True)
    failed = 0
    for line in process.stdout:
        print(line, end='', flush=True)
        found = SURVIVED.match(line)
        if found:
            good = found.group(2) == found.group(3) != '0'
            counts['passed' if good else 'failed'] += 1
            failed += not good
    status = process.wait()
    if status == databases.SKIPPED:
        counts['skipped'] += 1
    elif status != 0 and failed == 0:
        print(f'FAILED: {pathlib.Path(arguments[0]).name} ended with {status}')
        counts['failed'] += 1


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--build', default='build/release', help='the build whose program runs')
    parser.add_argument('--points', type=int, default=200)
    parser.add_argument('--rounds', type=int, default=50)
    parser.add_argument('--minutes', type=int, default=30, help='for each script')
    parser.add_argument('--emulator-share', type=float, default=1, help='so much of points and rounds on DynamoDB Local, '
                        'where whoever comes after a killed run waits seconds for its lease')
    arguments = parser.parse_args()
    godwit = pathlib.Path(arguments.build).resolve() / 'bin/godwit'
    if not godwit.exists():
        sys.exit(f'{godwit} is not there: run script/build first')
    counts = {'passed': 0, 'failed': 0, 'skipped': 0}
    for database in ('sqlite', 'postgresql', 'dynamodb'):
        common = ['--godwit', godwit, '--database', database, '--minutes', arguments.minutes]
        share = arguments.emulator_share if database == 'dynamodb' else 1
        run([HERE / 'kill_sweep.py', *common, '--points', round(arguments.points * share)], counts)
        run([HERE / 'race.py', *common, '--rounds', round(arguments.rounds * share)], counts)
    run([HERE / 'wire_faults.py', '--godwit', godwit, '--minutes', min(arguments.minutes, 2)], counts)
    print('{passed} passed, {failed} failed, {skipped} skipped'.format(**counts))
    in_ci = os.environ.get('CI') == 'true'
    sys.exit(bool(counts['failed'] or (in_ci and counts['skipped'])))


if __name__ == '__main__':
    main()
