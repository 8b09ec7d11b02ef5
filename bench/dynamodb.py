"""Measures setting up, seeding and put_items on DynamoDB Local beside a bare client
that sends the same requests, and beside boto3. See README.md.

The bare client has the requests ready: it sends the very bytes that godwit sent
through a recording proxy, as many at a time, and reads the answers.
"""
import argparse
import concurrent.futures
import http.client
import http.server
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

from run import Failed, Stopwatch

TABLE = 'Bench'
ECHOES = pathlib.Path(__file__).resolve().parent.parent / 'examples' / 'echoes'
CONNECTIONS = 32  # As many as godwit has in flight.
BOTO3 = '''
import json, sys, boto3
from decimal import Decimal
endpoint, path = sys.argv[1:]
table = boto3.resource('dynamodb', endpoint_url=endpoint, region_name='us-east-1', aws_access_key_id='any',
                       aws_secret_access_key='any').Table('Bench')
with table.batch_writer() as batch:
    for line in open(path):
        batch.put_item(Item=json.loads(line, parse_float=Decimal))
'''


class Server:
    """What a person would do with the server by hand."""

    def __init__(self, url):
        self.url = url
        self.address = urllib.parse.urlsplit(url).netloc

    def call(self, action, body):
        connection = http.client.HTTPConnection(self.address, timeout=60)
        connection.request('POST', '/', json.dumps(body), {
            'X-Amz-Target': 'DynamoDB_20120810.' + action, 'Content-Type': 'application/x-amz-json-1.0',
            'Authorization': 'AWS4-HMAC-SHA256 Credential=any/20250101/us-east-1/dynamodb/aws4_request,'
                             ' SignedHeaders=host, Signature=unchecked'})
        reply = connection.getresponse()
        text = reply.read()
        connection.close()
        if reply.status != 200:
            raise Failed(f'{action}: {text.decode()}')
        return json.loads(text)

    def clear(self):
        for name in self.call('ListTables', {})['TableNames']:
            self.call('DeleteTable', {'TableName': name})

    def make_table(self):
        self.clear()
        self.call('CreateTable', {'TableName': TABLE, 'BillingMode': 'PAY_PER_REQUEST',
                                  'AttributeDefinitions': [{'AttributeName': 'id', 'AttributeType': 'S'}],
                                  'KeySchema': [{'AttributeName': 'id', 'KeyType': 'HASH'}]})

    def count(self, table=TABLE):
        total, more = 0, {}
        while more is not None:
            page = self.call('Scan', {'TableName': table, 'Select': 'COUNT', **more})
            total += page['Count']
            more = {'ExclusiveStartKey': page['LastEvaluatedKey']} if 'LastEvaluatedKey' in page else None
        return total


class Front:
    """A proxy before the server. Keeps what passes; with `swallow` it answers batches of writes itself."""

    def __init__(self, server, swallow=False):
        self.records = []
        front = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'
            disable_nagle_algorithm = True
            wbufsize = -1

            def setup(self):
                super().setup()
                self.behind = http.client.HTTPConnection(server.address, timeout=120)

            def do_POST(self):
                body = self.rfile.read(int(self.headers['Content-Length']))
                started = time.monotonic()
                if swallow and self.headers['X-Amz-Target'].endswith('.BatchWriteItem'):
                    return self.answer(200, b'{"UnprocessedItems":{}}')
                headers = {name: value for name, value in self.headers.items() if name.lower() != 'accept-encoding'}
                self.behind.request('POST', '/', body, headers)
                reply = self.behind.getresponse()
                text = reply.read()
                if not swallow:
                    front.records.append((started, time.monotonic(), headers, body))
                self.answer(reply.status, text)

            def answer(self, status, text):
                self.send_response_only(status)
                self.send_header('Content-Type', 'application/x-amz-json-1.0')
                self.send_header('Content-Length', str(len(text)))
                self.end_headers()
                self.wfile.write(text)
                self.wfile.flush()

            def log_message(self, *_):
                pass

        self.listener = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.listener.daemon_threads = True
        self.url = f'http://127.0.0.1:{self.listener.server_address[1]}'
        threading.Thread(target=self.listener.serve_forever, daemon=True).start()

    def close(self):
        self.listener.shutdown()
        self.listener.server_close()


class BareClient:
    """Sends recorded requests in their order; those that overlapped may overlap again."""

    def __init__(self, server, records):
        self.server = server
        self.records = sorted(records, key=lambda record: record[0])
        # So many had ended when this one began.
        ends = sorted(record[1] for record in self.records)
        self.before = [sum(end < record[0] for end in ends) for record in self.records]
        self.local = threading.local()

    def run(self):
        """Seconds that it took."""
        done, turn = [0], threading.Condition()

        def send(index):
            with turn:
                turn.wait_for(lambda: done[0] >= self.before[index], timeout=120)
            _, _, headers, body = self.records[index]
            connection = getattr(self.local, 'connection', None)
            if connection is None:
                connection = self.local.connection = http.client.HTTPConnection(self.server.address, timeout=120)
            connection.request('POST', '/', body, headers)
            connection.getresponse().read()
            with turn:
                done[0] += 1
                turn.notify_all()

        started = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(CONNECTIONS) as pool:
            for _ in pool.map(send, range(len(self.records))):
                pass
        return time.monotonic() - started


def job(command, **environment):
    class Job:
        pass
    made = Job()
    made.command = command
    made.environment = {'AWS_ACCESS_KEY_ID': 'any', 'AWS_SECRET_ACCESS_KEY': 'any', 'AWS_REGION': 'us-east-1', **environment}
    return made


def row(name, wall_s, cpu_ms=None, peak_kb=None, ratio=None):
    print(f'  {name:<28}{wall_s * 1000:9.0f} ms' + (f'{cpu_ms:9.0f} ms cpu' if cpu_ms is not None else ' ' * 15) +
          (f'{peak_kb / 1024:8.1f} MB' if peak_kb is not None else ' ' * 11) + (f'{ratio:8.2f}x' if ratio else ''))


class Bench:
    def __init__(self, args, folder):
        self.server = Server(args.dynamodb)
        self.program = str(pathlib.Path(args.build).resolve() / 'bin' / 'godwit')
        self.python, self.rounds, self.folder = args.python, 3 if args.quick else 7, pathlib.Path(folder)
        self.items = 10_000 if args.quick else 50_000
        self.many = 200_000 if args.quick else 1_000_000
        self.stopwatch = Stopwatch(folder)
        self.missed = 0

    def limit(self, text, value, most=None, least=None):
        reached = (most is None or value <= most) and (least is None or value >= least)
        self.missed += not reached
        print(f'  {text}: {"reached" if reached else "MISSED"} ({value:.2f})')

    def godwit(self, endpoint, *words):
        return job([self.program, *words], AWS_ENDPOINT_URL_DYNAMODB=endpoint, HOME=str(self.folder))

    def timed(self, made):
        wall_us, cpu_us, peak_kb = self.stopwatch.run(made)
        return wall_us / 1e6, cpu_us / 1e3, peak_kb

    def setup(self):
        print('\nsetup: a table with three indexes and 1,125 echoes, from nothing')
        words = ('setup', '--config', str(ECHOES / 'godwit.toml'), '--seed', '1')
        ours, bare = [], []
        for _ in range(self.rounds):
            front = Front(self.server)
            self.server.clear()
            self.timed(self.godwit(front.url, *words))
            front.close()
            self.server.clear()
            ours.append(self.timed(self.godwit(self.server.url, *words)))
            if self.server.count('EchoesTable-dev') != 1125:
                raise Failed('the echoes are not all there')
            self.server.clear()
            bare.append(BareClient(self.server, front.records).run())
        wall, cpu, peak = (statistics.median(column) for column in zip(*ours))
        floor = statistics.median(bare)
        row('bare client', floor)
        row('godwit', wall, cpu, peak, wall / floor)
        self.limit('at most 1.3x the bare client', wall / floor, most=1.3)

    def write_inputs(self, count):
        """The same items as a seed file, a migration and lines for boto3."""
        folder = self.folder / f'items-{count}'
        (folder / 'migrations').mkdir(parents=True)
        text = 'an item of about three hundred bytes ' * 6
        (folder / 'seeds.json').write_text(json.dumps({'seed': 1, 'now': '2025-01-01T00:00:00Z', 'demo': [
            {'table': TABLE, 'count': count, 'item': {
                'id': {'$uuid': True}, 'at': {'$time': {'from': 'now-365d', 'to': 'now'}}, 'rank': {'$integer': [1, 1000]},
                'text': text}}]}))
        (folder / 'godwit.toml').write_text(
            '[database.items]\nurl = "dynamodb://us-east-1"\nmigrations = "migrations"\nseeds = "seeds.json"\n')
        with open(folder / 'migrations' / '001_items.json', 'w') as migration, open(folder / 'lines', 'w') as lines:
            migration.write('{"database_type": "dynamodb", "operations": [{"type": "put_items", "TableName": "Bench", "Items": [\n')
            for number in range(count):
                item = {'id': f'item {number:09}', 'at': '2024-06-01T12:00:00Z', 'rank': number % 1000, 'text': text}
                typed = {name: {'N': str(value)} if name == 'rank' else {'S': value} for name, value in item.items()}
                migration.write((',\n' if number else '') + json.dumps(typed))
                lines.write(json.dumps(item) + '\n')
            migration.write('\n]}]}\n')
        return folder

    def throughput(self):
        print(f'\nput: {self.items:,} items of 300 bytes')
        folder = self.write_inputs(self.items)
        toml = ('--config', str(folder / 'godwit.toml'))
        contestants = {'godwit seed': ('seed', 'demo', '--seed', '1', *toml), 'godwit up (put_items)': ('up', *toml)}
        walls = {name: [] for name in (*contestants, 'bare client', 'boto3 batch_writer')}
        cpus, peaks = {name: [] for name in walls}, {name: [] for name in walls}
        front = Front(self.server)
        self.server.make_table()
        self.timed(self.godwit(front.url, *contestants['godwit up (put_items)']))
        front.close()
        batches = [record for record in front.records if record[2].get('X-Amz-Target', '').endswith('.BatchWriteItem')]
        for _ in range(max(2, self.rounds // 2)):
            for name, words in contestants.items():
                self.server.make_table()
                self.note(name, self.timed(self.godwit(self.server.url, *words)), walls, cpus, peaks)
            self.server.make_table()
            walls['bare client'].append(BareClient(self.server, batches).run())
            self.server.make_table()
            self.note('boto3 batch_writer', self.timed(job([self.python, '-c', BOTO3, self.server.url, str(folder / 'lines')])),
                      walls, cpus, peaks)
        self.report_throughput(walls, cpus, peaks)

    def note(self, name, figures, walls, cpus, peaks):
        if self.server.count() != self.items:
            raise Failed(f'{name}: {self.server.count()} items are there')
        for kept, figure in zip((walls, cpus, peaks), figures):
            kept[name].append(figure)

    def report_throughput(self, walls, cpus, peaks):
        wall = {name: statistics.median(column) for name, column in walls.items()}
        cpu = {name: statistics.median(column) for name, column in cpus.items() if column}
        for name, time_s in wall.items():
            peak = statistics.median(peaks[name]) if peaks[name] else None
            row(name, time_s, cpu.get(name), peak, wall['bare client'] / time_s)
        for name in ('godwit seed', 'godwit up (put_items)'):
            self.limit(f'{name}: at least 0.9x the throughput of the bare client', wall['bare client'] / wall[name], least=0.9)
            self.limit(f'{name}: at least 1.5x that of boto3', wall['boto3 batch_writer'] / wall[name], least=1.5)
            self.limit(f"{name}: at most a tenth of boto3's processor time", cpu[name] / cpu['boto3 batch_writer'], most=0.1)

    def memory(self):
        print(f'\nmemory: {self.many:,} items, to a front that answers batches at once')
        folder = self.write_inputs(self.many)
        toml = ('--config', str(folder / 'godwit.toml'))
        for name, words in (('godwit seed', ('seed', 'demo', '--seed', '1', *toml)), ('godwit up (put_items)', ('up', *toml))):
            self.server.make_table()
            front = Front(self.server, swallow=True)
            wall, cpu, peak = self.timed(self.godwit(front.url, *words))
            front.close()
            row(name, wall, cpu, peak)
            self.limit(f'{name}: at most 30 MB', peak / 1024, most=30)

    def status(self):
        print('\nstatus: 100 applied, against one Scan of the history by a bare client')
        folder = self.folder / 'status'
        (folder / 'migrations').mkdir(parents=True)
        for number in range(1, 101):
            (folder / 'migrations' / f'{number:03}_x.json').write_text(
                '{"database_type": "dynamodb", "operations": [{"type": "put_items", "TableName": "Bench", "Items": []}]}')
        (folder / 'godwit.toml').write_text('[database.items]\nurl = "dynamodb://us-east-1"\nmigrations = "migrations"\n')
        self.server.make_table()
        toml = ('--config', str(folder / 'godwit.toml'))
        self.timed(self.godwit(self.server.url, 'up', *toml))
        front = Front(self.server)
        self.timed(self.godwit(front.url, 'status', *toml))
        front.close()
        ours, bare = [], []
        for _ in range(self.rounds * 5):
            ours.append(self.timed(self.godwit(self.server.url, 'status', *toml)))
            client = BareClient(self.server, front.records)
            connection = client.local.connection = http.client.HTTPConnection(self.server.address, timeout=60)
            connection.connect()
            started = time.monotonic()
            for _, _, headers, body in client.records:
                connection.request('POST', '/', body, headers)
                connection.getresponse().read()
            bare.append(time.monotonic() - started)
            connection.close()
        wall, cpu, peak = (statistics.median(column) for column in zip(*ours))
        floor = statistics.median(bare)
        row(f'the server ({len(front.records)} request)', floor)
        row('godwit', wall, cpu, peak)
        self.limit('at most 15 ms more', (wall - floor) * 1000, most=15)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--quick', action='store_true', help='fewer rounds and items')
    parser.add_argument('--build', default='build/release')
    parser.add_argument('--dynamodb', required=True, help='URL of a DynamoDB Local; all its tables are deleted')
    parser.add_argument('--python', required=True, help='a Python that has boto3')
    parser.add_argument('parts', nargs='*', metavar='PART', help='of: setup status throughput memory')
    args = parser.parse_args()
    if urllib.parse.urlsplit(args.dynamodb).hostname != '127.0.0.1':
        parser.error('--dynamodb: only a server on 127.0.0.1, since its tables are deleted')
    with tempfile.TemporaryDirectory(prefix='godwit-bench-') as folder:
        bench = Bench(args, folder)
        for part in args.parts or ('setup', 'status', 'throughput', 'memory'):
            getattr(bench, part)()
        bench.server.clear()
    return 1 if bench.missed else 0


if __name__ == '__main__':
    sys.exit(main())
