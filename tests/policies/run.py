"""Proves the policies of docs/aws/policies: each command passes under its own, is
denied outside of it by an error that names the missing action, and no policy allows
more than its commands need.

Two judges at once: moto, which checks signatures and actions, and a proxy of the
tests' own in front of it, which knows tables and transactions as AWS does.

    python3 tests/policies/run.py [--build build/release] [WORD…]

Needs moto in GODWIT_TEST_MOTO_IAM (script/servers start moto@iam), for itself while it
runs. The last line is "N passed, N failed, N skipped". Fails when one failed, and when
one was skipped in continuous integration (CI=true).
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / 'support'), str(HERE)]
import aws_proxy  # noqa: E402  (what follows stands in other folders)
import iam_server  # noqa: E402
import policy as policies  # noqa: E402
import project  # noqa: E402
import refusals  # noqa: E402

TIMEOUT_S = 60
HISTORY = project.HISTORY
TABLES = project.TABLES


class Judge(aws_proxy.Proxy):
    """Denies what the policy denies, as AWS says it, and notes which grants were used."""

    def __init__(self, server):
        super().__init__(server)
        self.lock = threading.Lock()
        self.set_policy(None)

    def set_policy(self, policy):
        self.policy, self.used, self.denied = policy, set(), set()

    def answer(self, request, connection):
        missing = set()
        for action, table in policies.needs(request.action, json.loads(request.body)):
            resource = table if table.startswith('arn:') else iam_server.table_arn(table)
            found = policies.granted_by(self.policy, action, resource)
            with self.lock:
                self.used |= found
                if not found:
                    missing.add((action, resource))
                    self.denied.add(action)
        if missing:
            action, resource = sorted(missing)[0]
            connection.give(aws_proxy.refusal(
                400, 'AccessDeniedException', f'User: {iam_server.USER_ARN} is not authorized to perform: dynamodb:{action} on '
                f'resource: {resource} because no identity-based policy allows the dynamodb:{action} action'))
            return
        reply = connection.forward(request)
        if request.action == 'ExecuteTransaction' and reply.status == 500:
            # moto has let it pass, and then cannot read the statements.
            reply = aws_proxy.Reply(200, reply.headers, b'').with_body(b'{"Responses":[]}')
        if request.action == 'CreateTable':  # At AWS no table can be used at once.
            reply = reply.with_body(reply.body.replace(b'"ACTIVE"', b'"CREATING"'))
        connection.give(reply)


class Outcome:
    def __init__(self, done):
        self.status, self.text = done.returncode, (done.stdout + done.stderr).decode(errors='replace')


class Bench:
    """Runs the program under a policy, against tables that a test begins without."""

    def __init__(self, godwit, folder, server, judge):
        self.godwit, self.folder, self.server, self.judge = godwit, folder, server, judge
        self.policies = {name: policies.read_policy(name, iam_server.ACCOUNT, iam_server.REGION, HISTORY, TABLES)
                         for name in ('status', 'lock', 'migrate', 'seed')}
        project.write(folder, judge.url)

    def run(self, policy, *arguments, resume=False):
        """One command as a user who has this policy alone."""
        key, secret = self.server.user_with(policies.for_moto(policy))
        used, denied = self.judge.used, self.judge.denied
        self.judge.set_policy(policy)
        if resume:
            self.judge.used, self.judge.denied = used, denied
        environment = {'PATH': os.environ['PATH'], 'HOME': str(self.folder), 'LANG': 'C.UTF-8', 'AWS_ACCESS_KEY_ID': key,
                       'AWS_SECRET_ACCESS_KEY': secret, 'AWS_EC2_METADATA_DISABLED': 'true', 'ASAN_OPTIONS': 'detect_leaks=0'}
        with self.server.checking():
            done = subprocess.run([self.godwit, *arguments], cwd=self.folder, env=environment, stdin=subprocess.DEVNULL,
                                  capture_output=True, timeout=TIMEOUT_S)
        outcome = Outcome(done)
        if secret in outcome.text:
            raise AssertionError('the secret is in the output:\n' + outcome.text)
        return outcome

    def must_pass(self, policy, *arguments, resume=False):
        outcome = self.run(policy, *arguments, resume=resume)
        if outcome.status or self.judge.denied:
            raise AssertionError(f'godwit {" ".join(arguments)} ended with {outcome.status}, denied '
                                 f'{sorted(self.judge.denied)}:\n{outcome.text}')

    def must_be_denied(self, policy, action, status, *arguments):
        outcome = self.run(policy, *arguments)
        if outcome.status != status or f'Allow the action {action} ' not in outcome.text:
            raise AssertionError(f'godwit {" ".join(arguments)} ended with {outcome.status}, not {status}, and should name '
                                 f'{action}:\n{outcome.text}')

    def fresh(self):
        self.server.drop_tables()

    def applied(self):
        """With all migrations up, and more runs noted than are kept."""
        self.fresh()
        self.must_pass(self.policies['migrate'], 'up')


def changes_nothing(bench, policy, action, *arguments):
    """Denied before anything is written."""
    before = bench.server.snapshot()
    bench.must_be_denied(policy, action, 7, *arguments)
    if bench.server.snapshot() != before:
        raise AssertionError(f'godwit {" ".join(arguments)} changed something')


def status_needs_its_own_policy_only(bench):
    for command in (['status'], ['plan'], ['history'], ['current']):
        bench.fresh()
        bench.must_pass(bench.policies['status'], *command)
    bench.applied()
    for command in (['status'], ['status', '-o', 'json'], ['plan'], ['history'], ['current'], ['repair']):
        bench.must_pass(bench.policies['status'], *command)
        if bench.judge.used != set(policies.grants(bench.policies['status'])):
            raise AssertionError(f'not used: {set(policies.grants(bench.policies["status"])) - bench.judge.used}')
    for command in (['status'], ['plan'], ['history']):
        changes_nothing(bench, bench.policies['lock'], 'dynamodb:Scan', *command)


def status_may_not_write(bench):
    bench.applied()
    for command in (['down', '--yes'], ['redo', '--yes'], ['stamp', 'base', '--yes']):
        changes_nothing(bench, bench.policies['status'], 'dynamodb:UpdateItem', *command)
    bench.fresh()
    changes_nothing(bench, bench.policies['status'], 'dynamodb:UpdateItem', 'up')


def lock_needs_its_own_policy_only(bench):
    policy = bench.policies['lock']
    bench.applied()
    bench.must_pass(policy, 'lock', 'status')
    bench.server.hold_lease(HISTORY)
    bench.must_pass(policy, 'lock', 'status', resume=True)
    bench.must_pass(policy, 'lock', 'release', resume=True)
    if bench.judge.used != set(policies.grants(policy)):
        raise AssertionError(f'not used: {set(policies.grants(policy)) - bench.judge.used}')
    changes_nothing(bench, bench.policies['status'], 'dynamodb:GetItem', 'lock', 'status')


def migrate_needs_its_own_policy_only(bench):
    policy = bench.policies['migrate']
    bench.fresh()
    bench.must_pass(policy, 'up')
    bench.server.add_runs(HISTORY, 120)
    for command in project.COMMANDS:
        bench.must_pass(policy, *command, resume=True)
    unused = set(policies.grants(policy)) - bench.judge.used
    if unused:
        raise AssertionError(f'more than is needed: {sorted(unused)}')


def each_grant_of_migrate_is_missed(bench):
    """Without one grant, some command is denied, and names it."""
    whole = bench.policies['migrate']
    for grant in policies.grants(whole):
        less = policies.without(whole, grant)
        bench.fresh()
        for command in (['up'], *project.COMMANDS):
            outcome = bench.run(less, *command)
            if outcome.status:
                break
            if command == ['up']:
                bench.server.add_runs(HISTORY, 120)
        # What is noted of past runs, and a change that has taken effect, are told but fail nothing.
        if f'{grant[1]} ' not in outcome.text and grant[1] not in {f'dynamodb:{name}' for name in bench.judge.denied}:
            raise AssertionError(f'without {grant} it ended with {outcome.status}:\n{outcome.text}')
        if outcome.status not in (1, 7) and grant not in project.OPTIONAL:
            raise AssertionError(f'without {grant} it ended with {outcome.status}:\n{outcome.text}')
        if outcome.status and f'Allow the action {grant[1]} ' not in outcome.text:
            raise AssertionError(f'without {grant} it does not name it:\n{outcome.text}')
        # The same with the whole policy goes on where that stopped.
        bench.must_pass(whole, *command)


def seed_needs_its_own_policy_only(bench):
    policy = bench.policies['seed']
    bench.applied()
    bench.server.add_runs(HISTORY, 120)
    for command in (['seed', 'demo'], ['seed', 'demo', '--seed', '2'], ['seed', 'clear', '--confirm'],
                    ['seed', 'clear', '--confirm']):
        bench.must_pass(policy, *command, resume=command != ['seed', 'demo'])
    unused = set(policies.grants(policy)) - bench.judge.used
    if unused:
        raise AssertionError(f'more than is needed: {sorted(unused)}')


def each_grant_of_seed_is_missed(bench):
    whole = bench.policies['seed']
    for grant in policies.grants(whole):
        if grant in project.OPTIONAL:
            continue
        less = policies.without(whole, grant)
        bench.applied()
        for command in (['seed', 'demo'], ['seed', 'clear', '--confirm']):
            outcome = bench.run(less, *command)
            if outcome.status:
                break
        if outcome.status not in (1, 7) or f'Allow the action {grant[1]} ' not in outcome.text:
            raise AssertionError(f'without {grant} it ended with {outcome.status}:\n{outcome.text}')
        bench.must_pass(whole, *command)


def seeding_may_be_denied(bench):
    bench.applied()
    changes_nothing(bench, bench.policies['status'], 'dynamodb:UpdateItem', 'seed', 'demo')


def another_environments_tables_are_out_of_reach(bench):
    bench.applied()
    other = policies.read_policy('migrate', iam_server.ACCOUNT, iam_server.REGION, HISTORY, 'Other*')
    bench.must_pass(other, 'up')
    bench.must_be_denied(other, 'dynamodb:DescribeTable', 1, 'down', '--yes')
    elsewhere = policies.read_policy('migrate', iam_server.ACCOUNT, iam_server.REGION, 'OtherMigrations', TABLES)
    changes_nothing(bench, elsewhere, 'dynamodb:Scan', 'status')


TESTS = [status_needs_its_own_policy_only, status_may_not_write, lock_needs_its_own_policy_only,
         migrate_needs_its_own_policy_only, each_grant_of_migrate_is_missed, seed_needs_its_own_policy_only,
         each_grant_of_seed_is_missed, seeding_may_be_denied, another_environments_tables_are_out_of_reach,
         refusals.each_cause_has_its_own_words]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('words', nargs='*', help='run those whose name contains one of these')
    parser.add_argument('--build', default='build/release', help='the build whose program runs')
    arguments = parser.parse_args()
    godwit = pathlib.Path(arguments.build).resolve() / 'bin/godwit'
    if not godwit.exists():
        sys.exit(f'{godwit} is not there: run script/build first')
    url = os.environ.get('GODWIT_TEST_MOTO_IAM')
    if not url:
        print('SKIPPED', 'GODWIT_TEST_MOTO_IAM is not set (script/servers start moto@iam)',
              f'0 passed, 0 failed, {len(TESTS)} skipped', sep='\n')
        sys.exit(os.environ.get('CI') == 'true')
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix='godwit-') as folder, iam_server.Moto(url) as server, Judge(url) as judge:
        bench = Bench(godwit, pathlib.Path(folder), server, judge)
        for test in TESTS:
            if arguments.words and not any(word in test.__name__ for word in arguments.words):
                continue
            try:
                test(bench)
                passed += 1
            except Exception:  # Whatever went wrong is that test's failure.
                failed += 1
                print(f'FAILED {test.__name__}', traceback.format_exc(), sep='\n', flush=True)
    print(f'{passed} passed, {failed} failed, 0 skipped')
    sys.exit(bool(failed or not passed))


if __name__ == '__main__':
    main()
