"""Runs the program through a proxy that spoils every kind of request to DynamoDB:
throttling, failures, resets, answers that are cut off, damaged or sent twice, items
left over, and requests that are carried out and then answered as failed. Each run goes
until it finishes or fails, then once more undisturbed; tables, items and history must
be those of runs that nobody disturbed.

Ends with "survived N/N". Exit status: 0 all survived, 1 not all, 77 skipped because a
server is missing (1 when CI=true)."""
import argparse
import collections
import json
import os
import pathlib
import random
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'support'))
import aws_proxy  # noqa: E402  (stands in another folder)
import databases  # noqa: E402

LIMIT_S = 120      # For one run of the program.
RATE = 0.2         # So many requests are spoilt.
NEEDS_REPAIR = 8
STAGES = [('up', '0004'), ('up',), ('down', '0002'), ('up',), ('down', 'base'), ('up',)]
PASSING_BY = ['throttled', 'failed', 'unavailable', 'reset', 'taken and reset', 'taken and failed', 'cut off', 'damaged', 'twice']
OF_ACTION = {'BatchWriteItem': ['left over'], 'BatchGetItem': ['left over'], 'TransactWriteItems': ['in conflict'],
             'ExecuteTransaction': ['in conflict']}


class Wire(aws_proxy.Proxy):
    """Spoils requests by chance, but each kind of request in each way about as often."""

    def __init__(self, server, seed, only=()):
        super().__init__(server)
        self.only = only
        self.random = random.Random(seed)
        self.lock = threading.Lock()
        self.rate = 0.0
        self.done = collections.Counter()   # (action, fault) → how often.

    def choose(self, action):
        with self.lock:
            if self.random.random() >= self.rate:
                return None
            ways = [way for way in PASSING_BY + OF_ACTION.get(action, []) if not self.only or way in self.only]
            if not ways:
                return None
            rarest = min(self.done[action, way] for way in ways)
            way = self.random.choice([each for each in ways if self.done[action, each] == rarest])
            self.done[action, way] += 1
            return way

    def answer(self, request, connection):
        way = self.choose(request.action)
        if way is None:
            connection.give(connection.forward(request))
        elif way == 'throttled':
            connection.give(aws_proxy.refusal(400, 'ProvisionedThroughputExceededException', 'slower, please'))
        elif way == 'failed':
            connection.give(aws_proxy.refusal(500, 'InternalServerError', 'try again'))
        elif way == 'unavailable':
            connection.give(aws_proxy.Reply(503, [('Content-Type', 'text/html')], b'<html>come back later</html>'))
        elif way == 'reset':
            connection.reset()
        elif way == 'in conflict':
            connection.give(conflict(request))
        elif way == 'left over':
            self.leave_over(request, connection)
        else:
            spoil(connection.forward(request), way, connection)

    def leave_over(self, request, connection):
        """Only some of a batch goes on; the others come back, as they do from a table that is short of capacity."""
        name = 'UnprocessedItems' if request.action == 'BatchWriteItem' else 'UnprocessedKeys'
        asked = json.loads(request.body)
        taken, left = {}, {}
        for table, part in asked['RequestItems'].items():
            entries = part if name == 'UnprocessedItems' else part['Keys']
            with self.lock:
                kept = [self.random.random() < 0.5 for _ in entries]
            for where, wanted in ((taken, True), (left, False)):
                chosen = [entry for entry, keep in zip(entries, kept) if keep == wanted]
                if chosen:
                    where[table] = chosen if name == 'UnprocessedItems' else {**part, 'Keys': chosen}
        if not taken:
            empty = {name: left} if name == 'UnprocessedItems' else {'Responses': {}, name: left}
            connection.give(aws_proxy.Reply(200, [('Content-Type', 'application/x-amz-json-1.0')], b'')
                            .with_body(json.dumps(empty).encode()))
            return
        headers = {name: value for name, value in request.headers.items() if name.lower() != 'content-length'}
        body = json.dumps({**asked, 'RequestItems': taken}).encode()
        headers['Content-Length'] = str(len(body))
        reply = connection.forward(aws_proxy.Request(request.action, headers, body))
        if reply.status == 200:
            answered = json.loads(reply.body)
            # DynamoDB Local leaves nothing over of batches as small as these.
            reply = reply.with_body(json.dumps({**answered, name: left}).encode())
        connection.give(reply)


def conflict(request):
    body = json.loads(request.body)
    entries = len(body.get('TransactItems') or body.get('TransactStatements'))
    reasons = [{'Code': 'None'}] * (entries - 1) + [{'Code': 'TransactionConflict', 'Message': 'another is at it'}]
    text = json.dumps({'__type': 'com.amazonaws.dynamodb.v20120810#TransactionCanceledException',
                       'Message': 'Transaction cancelled', 'CancellationReasons': reasons}).encode()
    return aws_proxy.Reply(400, [('Content-Type', 'application/x-amz-json-1.0')], b'').with_body(text)


def spoil(reply, way, connection):
    """What becomes of the answer to a request that was carried out."""
    if way == 'taken and reset':
        connection.reset()
    elif way == 'taken and failed':
        connection.give(aws_proxy.refusal(500, 'InternalServerError', 'nobody knows'))
    elif way == 'cut off':
        connection.give_part(reply)
    elif way == 'twice':
        connection.give_twice(reply, random.choice([0, 0.001, 0.003]))
    else:
        middle = len(reply.body) // 2
        sound = reply.with_body(reply.body)
        damaged = reply.body[:middle] + bytes([reply.body[middle] ^ 1]) + reply.body[middle + 1:]
        connection.give(aws_proxy.Reply(sound.status, sound.headers, damaged))


def migrations():
    """(version, name, up, down): items by the hundred, and changes that show whether they were made twice."""
    key = {'AttributeDefinitions': [{'AttributeName': 'id', 'AttributeType': 'S'}],
           'KeySchema': [{'AttributeName': 'id', 'KeyType': 'HASH'}]}
    index = {'IndexName': 'kind-index', 'KeySchema': [{'AttributeName': 'kind', 'KeyType': 'HASH'}],
             'Projection': {'ProjectionType': 'ALL'}}
    key_of = lambda number: {'id': {'S': f'item {number}'}}
    items = [{**key_of(number), 'kind': {'S': f'k{number % 7}'}, 'seen': {'N': '0'}} for number in range(400)]
    add = lambda numbers: [{'Key': key_of(number), 'UpdateExpression': 'ADD seen :one',
                            'ExpressionAttributeValues': {':one': {'N': '1'}}} for number in numbers]
    of_items = lambda verb, **more: {'type': verb, 'TableName': 'items', **more}
    raised = [{'Statement': f'UPDATE items SET "seen" = "seen" + 1 WHERE "id" = \'item {number}\''} for number in range(100, 350)]
    lowered = [{'Statement': each['Statement'].replace('+', '-')} for each in raised]
    return [
        ('0001', 'table', [databases.dynamodb_table('items', **key)], None),
        ('0002', 'items', [of_items('put_items', Items=items)], [of_items('delete_items', Keys=[key_of(n) for n in range(400)])]),
        ('0003', 'index', [of_items('create_index', AttributeDefinitions=[{'AttributeName': 'kind', 'AttributeType': 'S'}],
                                    GlobalSecondaryIndexUpdates=[{'Create': index}])], None),
        ('0004', 'updates', [of_items('update_items', Updates=add(range(0, 250)))], None),
        ('0005', 'partiql', [{'type': 'partiql', 'Statements': raised}], [{'type': 'partiql', 'Statements': lowered}]),
        ('0006', 'fewer', [of_items('delete_items', Keys=[key_of(n) for n in range(300, 400)]),
                           of_items('put_items', Items=[{**key_of(n), 'seen': {'N': '7'}} for n in range(290, 320)]),
                           of_items('update_items', Updates=add(range(0, 120)))], None),
        ('0007', 'settings', [of_items('update_ttl', TimeToLiveSpecification={'AttributeName': 'gone_at', 'Enabled': True}),
                              of_items('update_stream', StreamSpecification={'StreamEnabled': True, 'StreamViewType': 'NEW_IMAGE'}),
                              of_items('update_deletion_protection', DeletionProtectionEnabled=True)], None),
    ]


def in_order(line):
    """The way back of a batch lists items as the answers came."""
    if not line.startswith('record: '):
        return line
    row = json.loads(line.removeprefix('record: '))
    if 'inverse' in row and row['inverse']['S']:
        inverse = json.loads(row['inverse']['S'])
        for name in ('Puts', 'Deletes'):
            if name in inverse:
                inverse[name].sort(key=lambda each: json.dumps(each, sort_keys=True))
        row['inverse'] = inverse
    return f'record: {json.dumps(row, sort_keys=True)}'


class Trial:
    def __init__(self, arguments, folder, database, wire):
        self.godwit, self.folder, self.database, self.wire = os.path.abspath(arguments.godwit), folder, database, wire

    def run(self, words, rate):
        keep = {name: value for name, value in os.environ.items() if not name.startswith(('DB_', 'DATABASE_', 'GODWIT_'))}
        self.wire.rate = rate
        try:
            return subprocess.run([self.godwit, '--url', self.database.url, '--yes', *words], cwd=self.folder, text=True,
                                  env={**keep, 'ASAN_OPTIONS': 'detect_leaks=0'}, capture_output=True, timeout=LIMIT_S,
                                  stdin=subprocess.DEVNULL)
        finally:
            self.wire.rate = 0.0

    def snapshot(self):
        return sorted(in_order(line) for line in self.database.snapshot())

    def undisturbed(self):
        self.database.reset()
        self.wanted = []
        for words in STAGES:
            done = self.run(words, 0.0)
            if done.returncode != 0:
                raise SystemExit(f'{" ".join(words)} fails undisturbed:\n{done.stderr}')
            self.wanted.append(self.snapshot())

    def stage(self, words, wanted):
        """(exit status under faults, what went wrong or an empty text)."""
        spoilt = self.run(words, RATE)
        if spoilt.returncode == NEEDS_REPAIR:
            return spoilt.returncode, f'asks for a repair:\n{spoilt.stderr}'
        if spoilt.returncode < 0 or 'Sanitizer' in spoilt.stderr:
            return spoilt.returncode, f'ended with {spoilt.returncode}:\n{spoilt.stderr[-3000:]}'
        again = self.run(words, 0.0)
        if again.returncode != 0:
            return spoilt.returncode, (f'the run after it ended with {again.returncode}:\n{again.stderr}\n'
                                       f'that before it with {spoilt.returncode}:\n{spoilt.stderr}')
        got = self.snapshot()
        if got != wanted:
            return spoilt.returncode, f'{databases.first_difference(got, wanted)}\n{spoilt.stderr}'
        return spoilt.returncode, ''

    def play(self, rounds, deadline):
        self.undisturbed()
        tried = survived = 0
        statuses = collections.Counter()
        rounds_and_stages = ((number, *stage) for number in range(1, rounds + 1) for stage in zip(STAGES, self.wanted))
        lost_round = None
        for number, words, wanted in rounds_and_stages:
            if time.monotonic() > deadline:
                print(f'  out of time in round {number}')
                break
            if number == lost_round:
                continue  # It would begin from something else.
            if words is STAGES[0]:
                self.database.reset()
            tried += 1
            status, problem = self.stage(words, wanted)
            statuses[status] += 1
            survived += not problem
            if problem:
                print(f'  round {number}, {" ".join(words)}: {problem}', flush=True)
                lost_round = number
        self.tell(statuses)
        print(f'{self.database.name}, through a wire that fails: survived {survived}/{tried}', flush=True)
        return survived == tried and tried >= len(STAGES)

    def tell(self, statuses):
        print('  ended with ' + ', '.join(f'status {status}: {count}' for status, count in sorted(statuses.items())))
        for action in sorted({action for action, _ in self.wire.done}):
            ways = {way: count for (of, way), count in sorted(self.wire.done.items()) if of == action}
            print(f'  {action}: ' + ', '.join(f'{way} {count}' for way, count in ways.items()))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--godwit', required=True, help='the program')
    parser.add_argument('--rounds', type=int, default=50)
    parser.add_argument('--minutes', type=float, default=2, help='begin no run after this time')
    parser.add_argument('--seed', type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument('--only', action='append', default=[], help='spoil in this way alone, such as "cut off"; repeatable')
    arguments = parser.parse_args()
    deadline = time.monotonic() + 60 * arguments.minutes
    with databases.scratch_folder() as folder:
        try:
            database = databases.Dynamodb()
        except databases.Unavailable as missing:
            print(f'NOT TESTED: {missing}')
            return 1 if os.environ.get('CI') == 'true' else databases.SKIPPED
        print(f'  seed {arguments.seed}')
        with Wire(database.server, arguments.seed, arguments.only) as wire:
            database.url = database.url.replace(database.server, wire.url)
            databases.write_project(folder, database, migrations())
            try:
                good = Trial(arguments, folder, database, wire).play(arguments.rounds, deadline)
            finally:
                wire.rate = 0.0
                database.close()
    return 0 if good else 1


if __name__ == '__main__':
    sys.exit(main())
