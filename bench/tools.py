"""How each tool is told to do a job. A job that a tool cannot do is None."""
import dataclasses
import os
import pathlib

import peers


@dataclasses.dataclass
class Job:
    command: list
    environment: dict = dataclasses.field(default_factory=dict)


class Tool:
    """`folder` is where the tool is, `migrations` where its own migrations are."""
    name = ''
    slow = False       # Seconds for everything: fewer rounds.
    big = ('sqlite', 'postgresql')  # Where it finishes the 50 MB file.

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)

    def version(self):
        return None

    def up(self, database, migrations):
        return None

    def up_in_one(self, database, migrations):
        return None

    def status(self, database, migrations):
        return None

    def down(self, database, migrations):
        return None


class Godwit(Tool):
    name = 'godwit'

    def job(self, database, migrations, *words):
        program = self.folder / 'bin/godwit'
        config = migrations.parent / f'{database.kind}.toml'
        config.write_text(f'[database.main]\nurl = "{database.url()}"\nmigrations = "{migrations.name}"\n')
        return Job([str(program), *words, '--config', str(config)])

    def version(self):
        return Job([str(self.folder / 'bin/godwit'), '--version'])

    def up(self, database, migrations):
        return self.job(database, migrations, 'up')

    def up_in_one(self, database, migrations):
        return self.job(database, migrations, 'up', '--tx-mode', 'all')

    def status(self, database, migrations):
        return self.job(database, migrations, 'status')

    def down(self, database, migrations):
        return self.job(database, migrations, 'down', 'base', '--yes')


class Floor(Tool):
    """The database's own client, with the same statements in one script."""
    def version(self):
        return Job([str(self.path), '--version'])

    def script(self, database, path):
        if database.kind == 'sqlite':
            return Job([str(self.path), '-bail', str(database.path), f'.read {path}'])
        return Job([str(self.path), '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', str(path), database.url()])

    def up(self, database, migrations):
        return self.script(database, migrations / 'each.sql')

    def up_in_one(self, database, migrations):
        return self.script(database, migrations / 'one.sql')


class Sqlite3(Floor):
    name = path = 'sqlite3'


class Psql(Floor):
    """Debian's /usr/bin/psql is a Perl script that looks for the real one: that would flatter us."""
    name = 'psql'
    path = next(iter(sorted(pathlib.Path('/usr/lib/postgresql').glob('*/bin/psql'))), 'psql')


class Goose(Tool):
    name = 'goose'

    def job(self, database, migrations, *words):
        driver = ['sqlite3', str(database.path)] if database.kind == 'sqlite' else ['postgres', database.url()]
        return Job([str(self.folder / 'goose'), '-dir', str(migrations), *driver, *words])

    def version(self):
        return Job([str(self.folder / 'goose'), '-version'])

    def up(self, database, migrations):
        return self.job(database, migrations, 'up')

    def status(self, database, migrations):
        return self.job(database, migrations, 'status')

    def down(self, database, migrations):
        return self.job(database, migrations, 'down-to', '0')


class GolangMigrate(Tool):
    name = 'golang-migrate'
    big = ('postgresql',)

    def job(self, database, migrations, *words):
        url = f'sqlite3://{database.path}' if database.kind == 'sqlite' else database.url()
        return Job([str(self.folder / 'migrate'), '-path', str(migrations), '-database', url, *words])

    def version(self):
        return Job([str(self.folder / 'migrate'), '-version'])

    def up(self, database, migrations):
        return self.job(database, migrations, 'up')

    def down(self, database, migrations):
        return self.job(database, migrations, 'down', '-all')


class Dbmate(Tool):
    """Its `rollback` takes back one migration only, so it has no `down` of all."""
    name = 'dbmate'
    big = ('postgresql',)

    def job(self, database, migrations, *words):
        return Job([str(self.folder / 'dbmate'), '--url', database.url(), '--migrations-dir', str(migrations),
                    '--no-dump-schema', *words])

    def version(self):
        return Job([str(self.folder / 'dbmate'), '--version'])

    def up(self, database, migrations):
        return self.job(database, migrations, 'migrate')

    def status(self, database, migrations):
        return self.job(database, migrations, 'status')


class Flyway(Tool):
    """Its free edition has no undo."""
    name = 'flyway'
    slow = True

    def job(self, database, migrations, *words):
        if database.kind == 'sqlite':
            url = [f'-url=jdbc:sqlite:{database.path}']
        else:
            parts = database.parts
            url = [f'-url=jdbc:postgresql://{parts.hostname}:{parts.port}/bench?sslmode=disable',
                   f'-user={parts.username}', f'-password={parts.password}']
        return Job(['java', '-cp', f'{self.folder}/lib/*', 'org.flywaydb.commandline.Main', *url,
                    f'-locations=filesystem:{migrations}', *words])

    def version(self):
        return Job(['java', '-cp', f'{self.folder}/lib/*', 'org.flywaydb.commandline.Main', '-v'])

    def up(self, database, migrations):
        return self.job(database, migrations, 'migrate')

    def status(self, database, migrations):
        return self.job(database, migrations, 'info')


class Alembic(Tool):
    name = 'alembic'
    slow = True
    big = ()

    def job(self, database, migrations, *words):
        url = f'sqlite:///{database.path}' if database.kind == 'sqlite' else \
            database.url(scheme='postgresql+psycopg2')
        return Job([str(self.folder / 'venv/bin/alembic'), '-c', str(migrations / 'alembic.ini'), *words],
                   {'BENCH_URL': url})

    def version(self):
        return Job([str(self.folder / 'venv/bin/alembic'), '--version'])

    def up(self, database, migrations):
        return self.job(database, migrations, 'upgrade', 'head')

    def status(self, database, migrations):
        return self.job(database, migrations, 'history', '--indicate-current')

    def down(self, database, migrations):
        return self.job(database, migrations, 'downgrade', 'base')


PEERS = {'goose': Goose, 'golang-migrate': GolangMigrate, 'dbmate': Dbmate, 'flyway': Flyway, 'alembic': Alembic}


def gather(build, cache, only):
    """Godwit, the floors and every peer that can be had, by name; tells which cannot."""
    tools = {'sqlite3': Sqlite3('/'), 'psql': Psql('/')}
    if (pathlib.Path(build) / 'bin/godwit').exists():
        tools = {'godwit': Godwit(build), **tools}
    else:
        print('NOT MEASURED godwit: script/build first', flush=True)
    for name, peer in PEERS.items():
        if only and name not in only:
            continue
        try:
            tools[name] = peer(peers.install(pathlib.Path(cache) / 'peers', name))
        except (peers.Unavailable, OSError) as error:
            print(f'NOT MEASURED {name}: {error}', flush=True)
    return tools


def environment():
    """What every tool runs with: nothing that would switch its behaviour."""
    return {name: value for name, value in os.environ.items()
            if name in ('PATH', 'HOME', 'LANG', 'TMPDIR', 'JAVA_HOME', 'GODWIT_MODULE_PATH')}
