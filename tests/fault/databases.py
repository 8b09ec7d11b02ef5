"""The databases that the process tests disturb: how to make a fresh one, what
migrations to run on it, and what stands in it afterwards."""
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import tempfile
import urllib.parse
import urllib.request

SKIPPED = 77  # What CTest takes for "skipped".
HISTORY = 'schema_migrations'


class Unavailable(Exception):
    """The server that a test needs is not there; the text says what to do."""


def scratch_folder():
    """In memory where that can be: the tests end processes, not the machine, so nothing hangs on the disk."""
    memory = '/dev/shm' if os.access('/dev/shm', os.W_OK) else None
    return tempfile.TemporaryDirectory(prefix='godwit-fault-', dir=memory)


def is_own(table):
    return table == HISTORY or table.startswith('godwit_')


class Sqlite:
    name = 'sqlite'

    def __init__(self, folder):
        self.path = pathlib.Path(folder) / 'database.db'
        self.url = f'sqlite:{self.path}'

    def reset(self):
        for suffix in ('', '-journal', '-wal', '-shm'):
            pathlib.Path(str(self.path) + suffix).unlink(missing_ok=True)

    def close(self):
        self.reset()

    def migrations(self):
        return sqlite_migrations()

    def query(self, sql):
        with sqlite3.connect(self.path, timeout=10) as db:
            rows = [tuple(row) for row in db.execute(sql)]
        db.close()
        return rows

    def snapshot(self):
        """Schema, data, history; equal texts mean equal databases."""
        lines = [f'{kind} {name}: {sql}' for kind, name, table, sql in
                 self.query('SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name') if not is_own(table)]
        for (table,) in self.query("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"):
            if not is_own(table) and not table.startswith('sqlite_'):
                lines += sorted(f'{table}: {row}' for row in self.query(f'SELECT * FROM "{table}"'))
        lines += [f'history: {row}' for row in self.query(f'SELECT version, checksum, description FROM {HISTORY} ORDER BY version')]
        lines += [f'journal: {row}' for row in self.query('SELECT version, steps_done FROM godwit_journal')]
        lines += [f'integrity: {row}' for row in self.query('PRAGMA integrity_check')]
        lines += [f'foreign key: {row}' for row in self.query('PRAGMA foreign_key_check')]
        return lines

    def effects(self):
        return dict(self.query('SELECT version, count(*) FROM effects GROUP BY version'))


class Postgresql:
    name = 'postgresql'

    def __init__(self, variable='GODWIT_TEST_POSTGRESQL'):
        self.admin = os.environ.get(variable, '')
        if not self.admin:
            raise Unavailable(f'{variable} is not set (script/servers starts a server and prints it)')
        if not shutil.which('psql'):
            raise Unavailable('psql is not installed (apt-get install postgresql-client)')
        self.database = f'godwit_fault_{os.getpid()}'
        self.url = self.with_database(self.database)

    def with_database(self, database):
        parts = urllib.parse.urlsplit(self.admin)
        return urllib.parse.urlunsplit(parts._replace(path='/' + database))

    def psql(self, url, *commands):
        arguments = ['psql', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-d', url]
        for command in commands:
            arguments += ['-c', command]
        done = subprocess.run(arguments, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            raise RuntimeError(done.stderr.strip())
        return done.stdout

    def reset(self):
        self.psql(self.admin, f'DROP DATABASE IF EXISTS {self.database} WITH (FORCE)', f'CREATE DATABASE {self.database}')

    def close(self):
        self.psql(self.admin, f'DROP DATABASE IF EXISTS {self.database} WITH (FORCE)')

    def migrations(self):
        return postgresql_migrations()

    def terminate_all(self):
        self.psql(self.admin, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{self.database}'")

    def snapshot(self):
        dump = subprocess.run(['pg_dump', '-d', self.url, '-s', '-T', HISTORY, '-T', 'godwit_*'], capture_output=True, text=True)
        if dump.returncode != 0:
            raise RuntimeError(dump.stderr.strip())
        # From 2025 on, pg_dump writes a random key into each dump.
        lines = [line for line in dump.stdout.splitlines() if not line.startswith(('\\restrict', '\\unrestrict', '--'))]
        rows = self.psql(
            self.url,
            "SELECT query_to_xml(format('SELECT t::text AS r FROM %s t ORDER BY 1', c.oid::regclass), false, true, c.relname)"
            " FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace"
            f" AND c.relname <> '{HISTORY}' AND c.relname NOT LIKE 'godwit\\_%' ORDER BY c.relname",
            f"SELECT 'history: ' || row(version, checksum, description)::text FROM {HISTORY} ORDER BY version",
            "SELECT 'journal: ' || row(version, steps_done)::text FROM godwit_journal",
            "SELECT 'invalid index: ' || indexrelid::regclass FROM pg_index WHERE NOT indisvalid",
            "SELECT 'prepared: ' || gid FROM pg_prepared_xacts WHERE database = current_database()")
        return lines + rows.splitlines()

    def effects(self):
        rows = self.psql(self.url, 'SELECT version, count(*) FROM effects GROUP BY version').split()
        return {version: int(count) for version, count in (row.split('|') for row in rows)}


class Dynamodb:
    """Tables whose names end in one of this process's own."""
    name = 'dynamodb'

    def __init__(self, variable='GODWIT_TEST_DYNAMODB'):
        self.server = os.environ.get(variable, '')
        if not self.server:
            raise Unavailable(f'{variable} is not set (script/servers starts a server and prints it)')
        self.suffix = f'-fault{os.getpid()}'
        # Whoever comes after a killed run waits for as long as the lease lasts.
        self.url = f'dynamodb+{self.server}?region=us-east-1&lease=3s'
        os.environ.update(AWS_ACCESS_KEY_ID='godwit', AWS_SECRET_ACCESS_KEY='barnacle', AWS_CONFIG_FILE='/dev/null',
                          AWS_SHARED_CREDENTIALS_FILE='/dev/null')

    def project_file(self):
        return f'[database.main]\nurl = "{self.url}"\nname_template = "{{name}}{self.suffix}"\n'

    def call(self, action, **body):
        headers = {'X-Amz-Target': f'DynamoDB_20120810.{action}', 'Content-Type': 'application/x-amz-json-1.0',
                   'Authorization': 'AWS4-HMAC-SHA256 Credential=godwit/20250101/us-east-1/dynamodb/aws4_request,'
                                    ' SignedHeaders=host, Signature=unchecked'}
        request = urllib.request.Request(self.server, json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=30) as reply:
            return json.load(reply)

    def tables(self):
        names, start = [], {}
        while True:
            page = self.call('ListTables', **start)
            names += [name for name in page['TableNames'] if name.endswith(self.suffix)]
            if 'LastEvaluatedTableName' not in page:
                return names
            start = {'ExclusiveStartTableName': page['LastEvaluatedTableName']}

    def items(self, table):
        items, start = [], {}
        while True:
            page = self.call('Scan', TableName=table, ConsistentRead=True, **start)
            items += page['Items']
            if 'LastEvaluatedKey' not in page:
                return items
            start = {'ExclusiveStartKey': page['LastEvaluatedKey']}

    def reset(self):
        for table in self.tables():
            if self.call('DescribeTable', TableName=table)['Table'].get('DeletionProtectionEnabled'):
                self.call('UpdateTable', TableName=table, DeletionProtectionEnabled=False)
            self.call('DeleteTable', TableName=table)

    def close(self):
        self.reset()

    def migrations(self):
        return dynamodb_migrations()

    def snapshot(self):
        lines = []
        for table in self.tables():
            if table == HISTORY + self.suffix:
                continue
            shape = self.call('DescribeTable', TableName=table)['Table']
            indexes = sorted((index['IndexName'], index['IndexStatus']) for index in shape.get('GlobalSecondaryIndexes', []))
            lines.append(f'{table}: {shape["TableStatus"]} {shape["KeySchema"]} {indexes}')
            lines += sorted(f'{table}: {json.dumps(item, sort_keys=True)}' for item in self.items(table))
        kept = ('version', 'status', 'checksum', 'description', 'steps_done', 'inverse')
        rows = [{name: item[name] for name in kept if name in item} for item in self.items(HISTORY + self.suffix)]
        return lines + sorted(f'record: {json.dumps(row, sort_keys=True)}' for row in rows
                              if row.get('status') not in ({'S': 'audit'}, {'S': 'lease'}, {'S': 'seed'}))

    def effects(self):
        return {item['version']['S']: int(item['runs']['N']) for item in self.items('effects' + self.suffix)}


def open_database(name, folder):
    return {'sqlite': lambda: Sqlite(folder), 'postgresql': Postgresql, 'dynamodb': Dynamodb}[name]()


def write_project(folder, database, migrations):
    """What `database` needs beside its URL, and the migrations: (version, name, up, down),
    SQL with sections or lists of operations."""
    folder = pathlib.Path(folder)
    if database.name != 'dynamodb':
        write_migrations(folder / 'migrations', migrations)
        return
    (folder / 'godwit.toml').write_text(database.project_file())
    (folder / 'migrations').mkdir()
    for version, name, up, down in migrations:
        text = {'version': version, 'name': name, 'database_type': 'dynamodb', 'operations': up}
        if down is not None:
            text['rollback_operations'] = down
        (folder / 'migrations' / f'{version}_{name}.json').write_text(json.dumps(text, indent=1))


def write_migrations(folder, migrations):
    """`migrations`: (version, name, up, down); SQL with sections."""
    folder.mkdir()
    for version, name, up, down in migrations:
        options = [line for line in up if line.startswith('-- godwit:')]
        body = [line for line in up if not line.startswith('-- godwit:')]
        text = '\n'.join([f'-- Migration: {name}', *options, '-- UP', *body, '-- DOWN', *down, ''])
        (folder / f'{version}_{name}.sql').write_text(text)


def transactional(number):
    """Plain DDL and rows that show whether they were inserted twice."""
    table = f't{number}'
    rows = ', '.join(f"({row}, 'row {row}')" for row in range(20))
    return (['CREATE TABLE ' + table + ' (id integer NOT NULL PRIMARY KEY, name text);',
             f'INSERT INTO {table} VALUES {rows};',
             f'CREATE INDEX {table}_name ON {table} (name);',
             f"INSERT INTO effects (version) VALUES ('{number:04}');"],
            [f"DELETE FROM effects WHERE version = '{number:04}';", f'DROP TABLE {table};'])


EFFECTS = 'CREATE TABLE effects (version text NOT NULL);'


def numbered(special):
    """20 migrations: `special` by number, the others transactional ones."""
    migrations = []
    for number in range(1, 21):
        up, down = special.get(number) or transactional(number)
        if number == 1:
            up, down = [EFFECTS, *up], [*down, 'DROP TABLE effects;']
        migrations.append((f'{number:04}', 'special' if number in special else 'plain', up, down))
    return migrations


def sqlite_migrations():
    rebuild = (['PRAGMA foreign_keys = OFF;', 'BEGIN;',
                'CREATE TABLE t2_new (id integer NOT NULL PRIMARY KEY, name text NOT NULL, size integer DEFAULT 0);',
                'INSERT INTO t2_new (id, name) SELECT id, name FROM t2;', 'DROP TABLE t2;',
                'ALTER TABLE t2_new RENAME TO t2;', "INSERT INTO effects VALUES ('0005');", 'COMMIT;', 'PRAGMA foreign_keys = ON;'],
               ["DELETE FROM effects WHERE version = '0005';", 'ALTER TABLE t2 DROP COLUMN size;'])
    steps = (['-- godwit: transaction=off', 'CREATE TABLE s1 (x text);', "INSERT INTO s1 VALUES ('once');",
              "INSERT INTO s1 VALUES ('and again');", 'CREATE TABLE s2 (y text);', "INSERT INTO effects VALUES ('0008');"],
             ["DELETE FROM effects WHERE version = '0008';", 'DROP TABLE s2;', 'DROP TABLE s1;'])
    vacuum = (["INSERT INTO effects VALUES ('0011');", 'VACUUM;', 'CREATE TABLE v1 (x text);'],
              ['DROP TABLE v1;', "DELETE FROM effects WHERE version = '0011';"])
    trigger = (['CREATE TABLE log (text text);',
                'CREATE TRIGGER t1_log AFTER INSERT ON t1 BEGIN', "  INSERT INTO log VALUES ('row; ' || new.id);", 'END;',
                "INSERT INTO t1 VALUES (100, 'logged');", "INSERT INTO effects VALUES ('0014');"],
               ["DELETE FROM effects WHERE version = '0014';", 'DROP TRIGGER t1_log;', 'DELETE FROM t1 WHERE id = 100;',
                'DROP TABLE log;'])
    big = (['CREATE TABLE big (id integer PRIMARY KEY, text text);',
            'INSERT INTO big WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)'
            " SELECT i, printf('%0200d', i) FROM n;", "INSERT INTO effects VALUES ('0017');"],
           ["DELETE FROM effects WHERE version = '0017';", 'DROP TABLE big;'])
    return numbered({5: rebuild, 8: steps, 11: vacuum, 14: trigger, 17: big})


def postgresql_migrations():
    concurrently = (["INSERT INTO effects VALUES ('0004');", 'CREATE INDEX CONCURRENTLY t2_id_name ON t2 (id, name);',
                     'CREATE UNIQUE INDEX CONCURRENTLY t3_unique ON t3 (name);'],
                    ['DROP INDEX CONCURRENTLY t3_unique;', 'DROP INDEX CONCURRENTLY t2_id_name;',
                     "DELETE FROM effects WHERE version = '0004';"])
    steps = (['-- godwit: transaction=off', 'CREATE TABLE s1 (x text);', "INSERT INTO s1 VALUES ('once');",
              "INSERT INTO s1 VALUES ('and again');", 'CREATE TABLE s2 (y text);', "INSERT INTO effects VALUES ('0007');"],
             ["DELETE FROM effects WHERE version = '0007';", 'DROP TABLE s2;', 'DROP TABLE s1;'])
    vacuum = (["INSERT INTO effects VALUES ('0010');", 'VACUUM (ANALYZE) t1;', 'CREATE TABLE v1 (x text);'],
              ['DROP TABLE v1;', "DELETE FROM effects WHERE version = '0010';"])
    copy = (['CREATE TABLE c1 (id integer, name text);', 'COPY c1 FROM stdin;',
             *[f'{row}\tname {row}' for row in range(500)], '\\.', "INSERT INTO effects VALUES ('0013');"],
            ["DELETE FROM effects WHERE version = '0013';", 'DROP TABLE c1;'])
    block = (["CREATE TYPE mood AS ENUM ('glad');", 'DO $$', 'BEGIN', '  FOR i IN 1..50 LOOP', "    INSERT INTO t1 VALUES (1000 + i, 'from a block; ' || i);",
              '  END LOOP;', 'END', '$$;', "INSERT INTO effects VALUES ('0015');"],
             ["DELETE FROM effects WHERE version = '0015';", 'DELETE FROM t1 WHERE id > 1000;', 'DROP TYPE mood;'])
    # What is added cannot be taken back: the type is made anew.
    enumeration = (['CREATE TABLE moods (m mood);', "ALTER TYPE mood ADD VALUE 'sad';",
                    "INSERT INTO moods VALUES ('sad');", "INSERT INTO effects VALUES ('0018');"],
                   ["DELETE FROM effects WHERE version = '0018';", 'DROP TABLE moods;', 'DROP TYPE mood;',
                    "CREATE TYPE mood AS ENUM ('glad');"])
    return numbered({4: concurrently, 7: steps, 10: vacuum, 13: copy, 15: block, 18: enumeration})


def dynamodb_table(name, **more):
    return {'type': 'create_table', 'TableName': name, 'BillingMode': 'PAY_PER_REQUEST', **more}


def dynamodb_migrations():
    """20 migrations. Every second has no way back of its own: the record keeps one. What
    each does to `effects` shows how often it was done."""
    key = {'AttributeDefinitions': [{'AttributeName': 'version', 'AttributeType': 'S'}],
           'KeySchema': [{'AttributeName': 'version', 'KeyType': 'HASH'}]}
    index = {'IndexName': 'name-index', 'KeySchema': [{'AttributeName': 'name', 'KeyType': 'HASH'}],
             'Projection': {'ProjectionType': 'ALL'}}
    migrations = []
    for number in range(1, 21):
        version, table = f'{number:04}', f'table{number}'
        count = {'type': 'update_items', 'TableName': 'effects',
                 'Updates': [{'Key': {'version': {'S': version}}, 'UpdateExpression': 'ADD runs :one',
                              'ExpressionAttributeValues': {':one': {'N': '1'}}}]}
        up = [dynamodb_table(table, **key),
              {'type': 'put_items', 'TableName': table,
               'Items': [{'version': {'S': f'row {row}'}, 'name': {'S': 'some'}} for row in range(40)]},
              count]
        down = [{'type': 'delete_items', 'TableName': 'effects', 'Keys': [{'version': {'S': version}}]},
                {'type': 'delete_table', 'TableName': table}]
        if number == 1:
            up.insert(0, dynamodb_table('effects', **key))
            down.append({'type': 'delete_table', 'TableName': 'effects'})
        if number % 5 == 0:
            up.append({'type': 'create_index', 'TableName': table,
                       'AttributeDefinitions': [{'AttributeName': 'name', 'AttributeType': 'S'}],
                       'GlobalSecondaryIndexUpdates': [{'Create': index}]})
        migrations.append((version, 'some', up, down if number % 2 else None))
    return migrations


def plain_migrations():
    """20 migrations that each fit a transaction, on either database."""
    return numbered({})


def notes_migration(database):
    """One table, with a row that nobody seeded."""
    if database.name == 'dynamodb':
        table = dynamodb_table('notes', AttributeDefinitions=[{'AttributeName': 'id', 'AttributeType': 'S'}],
                               KeySchema=[{'AttributeName': 'id', 'KeyType': 'HASH'}])
        rows = {'type': 'put_items', 'TableName': 'notes', 'Items': [{'id': {'S': 'mine'}, 'body': {'S': 'kept'}}]}
        return [('0001', 'notes', [table, rows], None)]
    return [('0001', 'notes', ['CREATE TABLE notes (id varchar(50) PRIMARY KEY, body text);',
                               "INSERT INTO notes VALUES ('mine', 'kept');"], ['DROP TABLE notes;'])]


def write_seeds(folder, rows=400):
    (pathlib.Path(folder) / 'seeds.json').write_text(json.dumps({
        'seed': 1, 'now': '2025-01-01T00:00:00Z',
        'demo': [{'table': 'notes', 'count': rows, 'item': {'id': {'$uuid': True}, 'body': {'$integer': [1, 9]}}}]}))


def first_difference(got, wanted):
    for mine, theirs in zip(got, wanted):
        if mine != theirs:
            return f'{mine[:150]!r} instead of {theirs[:150]!r}'
    longer = got if len(got) > len(wanted) else wanted
    return f'{"too much" if longer is got else "missing"}: {longer[min(len(got), len(wanted))][:150]!r}'
