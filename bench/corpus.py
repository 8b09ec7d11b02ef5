"""Makes the migrations that the benchmarks run, in the format of each tool.

The same on every machine: nothing here is random. Of N migrations the first of
every three creates a table with two indexes, the second adds a column to it,
the third inserts ten rows into it, so 1,000 are 334 + 333 + 333. Each has a
down. "big" is one migration of 200,000 single-row INSERTs, 50 MB.
"""
import pathlib
import shutil
import textwrap

# Raised when what is written changes, so that old folders are made anew.
EDITION = 1
TOOLS = ('godwit', 'goose', 'golang-migrate', 'dbmate', 'flyway', 'alembic', 'plain')
BIG_ROWS = 200_000


def create_table(number):
    table = f't{number:05}'
    up = [f'CREATE TABLE {table} (id integer PRIMARY KEY, name varchar(80) NOT NULL, owner_id integer NOT NULL, '
          f'created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP, note text);',
          f'CREATE INDEX {table}_name ON {table} (name);',
          f'CREATE INDEX {table}_owner ON {table} (owner_id, created_at);']
    return f'create_{table}', up, [f'DROP TABLE {table};']


def add_column(number):
    table = f't{number:05}'
    return (f'add_state_to_{table}', [f"ALTER TABLE {table} ADD COLUMN state varchar(16) NOT NULL DEFAULT 'new';"],
            [f'ALTER TABLE {table} DROP COLUMN state;'])


def insert_rows(number):
    table = f't{number:05}'
    rows = ',\n'.join(f"  ({row}, 'name {row} of {table}', {row % 3}, 'a note; with ''quotes'' in it')"
                      for row in range(1, 11))
    return (f'fill_{table}', [f'INSERT INTO {table} (id, name, owner_id, note) VALUES\n{rows};'],
            [f'DELETE FROM {table} WHERE id BETWEEN 1 AND 10;'])


def migrations(count):
    """(version, name, statements up, statements down) of each, in order."""
    kinds = (create_table, add_column, insert_rows)
    for index in range(count):
        yield index + 1, *kinds[index % 3](index // 3 + 1)


def big_statements():
    yield 'CREATE TABLE big (id integer PRIMARY KEY, payload text NOT NULL);'
    payload = 'The quick brown fox jumps over the lazy dog; and so on. ' * 4
    for row in range(1, BIG_ROWS + 1):
        yield f"INSERT INTO big (id, payload) VALUES ({row}, '{payload[:196]}{row:08}');"


def big():
    yield 1, 'big', list(big_statements()), ['DROP TABLE big;']


def write(path, *parts):
    path.write_text('\n'.join(parts) + '\n')


def write_godwit(folder, version, name, up, down):
    write(folder / f'{version:05}_{name}.sql', f'-- Migration: {name}', '', '-- UP', *up, '', '-- DOWN', *down)


def write_goose(folder, version, name, up, down):
    write(folder / f'{version:05}_{name}.sql', '-- +goose Up', *up, '', '-- +goose Down', *down)


def write_golang_migrate(folder, version, name, up, down):
    # A migration of several statements is one transaction in PostgreSQL anyway;
    # in SQLite the driver wraps it itself.
    write(folder / f'{version:05}_{name}.up.sql', *up)
    write(folder / f'{version:05}_{name}.down.sql', *down)


def write_dbmate(folder, version, name, up, down):
    write(folder / f'{version:05}_{name}.sql', '-- migrate:up', *up, '', '-- migrate:down', *down)


def write_flyway(folder, version, name, up, down):
    write(folder / f'V{version:05}__{name}.sql', *up)


def write_alembic(folder, version, name, up, down):
    def body(statements):
        return [f'    op.execute({statement!r})' for statement in statements]
    parent = f'r{version - 1:05}' if version > 1 else None
    write(folder / f'r{version:05}_{name}.py', f'"""{name}"""', 'from alembic import op', '',
          f"revision = 'r{version:05}'", f'down_revision = {parent!r}', '', '',
          'def upgrade():', *body(up), '', '', 'def downgrade():', *body(down))


ALEMBIC_ENV = '''\
import os
from alembic import context
from sqlalchemy import create_engine, pool

with create_engine(os.environ["BENCH_URL"], poolclass=pool.NullPool).connect() as connection:
    context.configure(connection=connection, target_metadata=None, transaction_per_migration=True,
                      transactional_ddl=True)
    with context.begin_transaction():
        context.run_migrations()
'''


def write_plain_scripts(folder, items):
    """What the databases' own clients run: a transaction per migration, and none at all."""
    with open(folder / 'each.sql', 'w') as each, open(folder / 'all.sql', 'w') as whole, \
            open(folder / 'one.sql', 'w') as one:
        one.write('BEGIN;\n')
        for _, _, up, _ in items:
            text = '\n'.join(up) + '\n'
            each.write('BEGIN;\n' + text + 'COMMIT;\n')
            whole.write(text)
            one.write(text)
        one.write('COMMIT;\n')


WRITERS = {'godwit': write_godwit, 'goose': write_goose, 'golang-migrate': write_golang_migrate,
           'dbmate': write_dbmate, 'flyway': write_flyway, 'alembic': write_alembic}


def make_tool(folder, tool, items):
    target = folder / tool
    target.mkdir()
    if tool == 'plain':
        write_plain_scripts(target, items)
        return
    if tool == 'alembic':
        (target / 'versions').mkdir()
        write(target / 'env.py', ALEMBIC_ENV.rstrip())
        write(target / 'alembic.ini', textwrap.dedent(f'''\
            [alembic]
            script_location = {target}'''))
    for version, name, up, down in items:
        WRITERS[tool](target / 'versions' if tool == 'alembic' else target, version, name, up, down)


def make(root, name):
    """The folder of corpus `name` ("1000", "10000", "big"), with one folder per tool; made when it is not there."""
    folder = pathlib.Path(root) / f'corpus-{EDITION}' / name
    if folder.exists():
        return folder
    draft = folder.with_name(name + '.draft')
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    items = list(big() if name == 'big' else migrations(int(name)))
    for tool in TOOLS:
        if name == '1000' or tool in ('godwit', 'plain') or (name == 'big' and tool != 'alembic'):
            make_tool(draft, tool, items)
    for file in draft.glob('alembic/alembic.ini'):
        file.write_text(file.read_text().replace(str(draft), str(folder)))
    draft.rename(folder)
    return folder
