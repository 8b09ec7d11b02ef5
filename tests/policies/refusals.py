"""What the program says when AWS does not let it in: each cause has words and a status of
its own, nothing is changed, and neither the secret nor the token is in what is said."""
import base64
import os
import re
import subprocess

import aws_proxy
import iam_server
import policy as policies

SECRET = 'Pl4nted+secret/0123456789abcdefghijklmn'
TOKEN = 'Pl4ntedToken//////////wEaCXVzLWVhc3QtMSJHMEUCIQD+0123456789=='
TIMEOUT_S = 60
WAYS = [[], ['-v'], ['-o', 'json'], ['-v', '--log-format', 'json']]
DENY_ALL = {'Version': '2012-10-17', 'Statement': []}
REGION = re.compile(r'Credential=[^/]+/\d+/([^/]+)/')


class Gate(aws_proxy.Proxy):
    """Refuses what moto does not look at, as AWS does: the region, and the age of a token."""

    def answer(self, request, connection):
        if REGION.search(request.headers['Authorization'])[1] != iam_server.REGION:
            connection.give(aws_proxy.refusal(400, 'InvalidSignatureException',
                                              'Credential should be scoped to a valid region. '))
        elif request.headers.get('X-Amz-Security-Token') == TOKEN or request.headers.get('x-amz-security-token') == TOKEN:
            connection.give(aws_proxy.refusal(400, 'ExpiredTokenException', 'The security token included in the request is '
                                              f'expired: {TOKEN}'))
        else:
            connection.give(connection.forward(request))


def cases(bench, url):
    """(name, variables, URL, command, status, what it must say)."""
    migrate = bench.server.user_with(policies.for_moto(bench.policies['migrate']))
    nobody = bench.server.user_with(policies.for_moto(DENY_ALL))
    good = f'dynamodb+{url}?region={iam_server.REGION}'
    keys = lambda pair, **more: {'AWS_ACCESS_KEY_ID': pair[0], 'AWS_SECRET_ACCESS_KEY': pair[1], **more}
    check_keys = "  The credentials came from the environment: check the access key's id and its secret there.\n"
    return [
        ('a wrong secret', keys((migrate[0], SECRET)), good, 'up', 7,
         'error: DynamoDB refused the signature: the secret key does not belong to the access key, or the clocks differ '
         '(SignatureDoesNotMatch)\n'
         + check_keys),
        ('an unknown key', keys(('AKIAUNKNOWN', SECRET)), good, 'up', 7,
         'error: DynamoDB does not know the access key (InvalidClientTokenId)\n' + check_keys),
        ('an expired token', keys(('ASIAEXPIRED', SECRET), AWS_SESSION_TOKEN=TOKEN), good, 'up', 7,
         'error: the credentials for DynamoDB have expired (ExpiredTokenException)\n'
         '  They came from the environment: sign in again and run the command again.\n'),
        ('another region', keys(migrate), good.replace(iam_server.REGION, 'eu-west-1'), 'up', 7,
         'error: DynamoDB refused the request, which was signed for the region eu-west-1 (InvalidSignatureException)\n'
         '  Check the region: it must be the one that the endpoint is in.\n'),
        ('no permission to read the record', keys(nobody), good, 'status', 7,
         'error: DynamoDB Scan: User: <user> is not authorized to perform: dynamodb:Scan (AccessDenied)\n'
         '  Allow the action dynamodb:Scan to whom these credentials belong; they came from the environment.\n'),
        ('no permission to take the lock', keys(bench.server.user_with(policies.for_moto(bench.policies['status']))), good,
         'up', 7, 'error: DynamoDB UpdateItem: User: <user> is not authorized to perform: dynamodb:UpdateItem (AccessDenied)\n'
         '  Allow the action dynamodb:UpdateItem to whom these credentials belong; they came from the environment.\n'),
        ('nobody there', keys(migrate, AWS_MAX_ATTEMPTS='1'), f'dynamodb+http://127.0.0.1:1?region={iam_server.REGION}',
         'up', 7, "error: http://127.0.0.1:1 cannot be reached: Failed to connect to 127.0.0.1 port 1 after <time>: Couldn't "
         'connect to server\n  gave up after 1 try\n'
         '  Check that the endpoint is right and that the network (firewall, proxy) lets it through.\n'),
    ]


def run(bench, variables, url, *arguments):
    environment = {'PATH': os.environ['PATH'], 'HOME': str(bench.folder), 'LANG': 'C.UTF-8',
                   'AWS_EC2_METADATA_DISABLED': 'true', 'ASAN_OPTIONS': 'detect_leaks=0', **variables}
    with bench.server.checking():
        return subprocess.run([bench.godwit, '--url', url, *arguments], cwd=bench.folder, env=environment, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT_S)


def masked(text):
    text = re.sub(r'  request id .*\n', '', text)
    text = re.sub(r'arn:aws:iam::\d+:user/\S+', '<user>', text)
    return re.sub(r'after \d+ ms', 'after <time>', text)


def forms(secret):
    return {secret, secret[:20], base64.b64encode(secret.encode()).decode().rstrip('='), secret.encode().hex()}


def check_silence(name, variables, text):
    for variable in ('AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'):
        if variable in variables and any(form in text for form in forms(variables[variable])):
            raise AssertionError(f'{name}: {variable} is in the output:\n{text}')


def each_cause_has_its_own_words(bench):
    bench.fresh()
    before = bench.server.snapshot()
    seen = set()
    with Gate(bench.server.url) as gate:
        for name, variables, url, command, status, wanted in cases(bench, gate.url):
            for way in WAYS:
                done = run(bench, variables, url, command, *way)
                check_silence(name, variables, done.stdout + done.stderr)
                if done.returncode != status:
                    raise AssertionError(f'{name} {way}: status {done.returncode}, not {status}:\n{done.stderr}')
                if not way and masked(done.stderr) != wanted:
                    raise AssertionError(f'{name}: it says\n{masked(done.stderr)}and should say\n{wanted}')
            seen.add(wanted)
            if bench.server.snapshot() != before:
                raise AssertionError(f'{name}: something was changed')
        if len(seen) != len(cases(bench, gate.url)):
            raise AssertionError('two causes are told in the same words')
        a_table_that_is_not_there(bench, gate)


def a_table_that_is_not_there(bench, gate):
    """The step is refused, and those before it stay."""
    key, secret = bench.server.user_with(policies.for_moto(bench.policies['migrate']))
    path = bench.folder / 'migrations/000_lost.json'
    path.write_text('{"version": "000", "name": "lost", "database_type": "dynamodb", "operations": [\n'
                    '  {"type": "put_items", "TableName": "Nowhere", "Items": [{"id": {"S": "1"}}]}]}\n')
    variables = {'AWS_ACCESS_KEY_ID': key, 'AWS_SECRET_ACCESS_KEY': secret}
    try:
        done = run(bench, variables, f'dynamodb+{gate.url}?region={iam_server.REGION}', 'up', '000')
    finally:
        path.unlink()
    check_silence('a table that is not there', variables, done.stdout + done.stderr)
    wanted = 'error: migrations/000_lost.json:2:3: the table Nowhere (really Nowhere-policy) is not there\n'
    if done.returncode != 1 or not done.stderr.startswith(wanted) or 'Create it in an earlier step' not in done.stderr:
        raise AssertionError(f'a table that is not there: status {done.returncode}:\n{done.stderr}')
