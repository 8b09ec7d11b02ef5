"""Adds up test results for script/test.

tally.py ctest RESULTS JUNIT   counts a ctest run: each GoogleTest report in RESULTS counts its single tests,
                               any other test counts as one
tally.py total FILE...         adds up "N passed, N failed, N skipped" lines; prints the sum

Prints the names of what failed or was skipped, then "N passed, N failed, N skipped".
"""
import json
import os
import pathlib
import re
import sys
import xml.etree.ElementTree

LINE = re.compile(r'^(\d+) passed, (\d+) failed, (\d+) skipped$')


def gtest_outcomes(report):
    """(outcome, name) of every test of a GoogleTest report."""
    for suite in report['testsuites']:
        for test in suite['testsuite']:
            name = f"{suite['name']}.{test['name']}"
            disabled = 'DISABLED_' in name
            if test['result'] == 'SKIPPED' or disabled:
                yield 'skipped', name
            elif test['status'] == 'RUN':
                yield ('failed' if test.get('failures') else 'passed'), name


def ctest_outcomes(results, junit):
    for case in xml.etree.ElementTree.parse(junit).getroot().iter('testcase'):
        name, status = case.get('name'), case.get('status')
        report = results / f'{name}.json'
        outcomes = list(gtest_outcomes(json.loads(report.read_text()))) if report.exists() else []
        yield from ((outcome, f'{name}: {test}') for outcome, test in outcomes)
        if status == 'fail' and not any(outcome == 'failed' for outcome, _ in outcomes):
            yield 'failed', f'{name} (the program failed as a whole)'
        elif not report.exists():
            yield {'run': 'passed'}.get(status, 'skipped'), name
        elif not outcomes and 'GTEST_FILTER' not in os.environ:
            yield 'failed', f'{name} (ran no test)'


def count_ctest(results, junit):
    counts = {'passed': 0, 'failed': 0, 'skipped': 0}
    for outcome, name in ctest_outcomes(pathlib.Path(results), junit):
        counts[outcome] += 1
        if outcome != 'passed':
            print(f'{outcome}: {name}')
    return counts


def add_up(paths):
    sums = [0, 0, 0]
    for path in map(pathlib.Path, paths):
        last = (path.read_text(errors='replace').rstrip().splitlines() or [''])[-1]
        found = LINE.match(last)
        # A stage without a count ended before it could count: that is a failure.
        for index, number in enumerate(found.groups() if found else (0, 1, 0)):
            sums[index] += int(number)
    return dict(zip(('passed', 'failed', 'skipped'), sums))


def main(what, *arguments):
    counts = count_ctest(*arguments) if what == 'ctest' else add_up(arguments)
    print('{passed} passed, {failed} failed, {skipped} skipped'.format(**counts))


if __name__ == '__main__':
    main(*sys.argv[1:])
