"""The two databases that are measured: emptied, saved and restored between rounds."""
import os
import pathlib
import shutil
import subprocess
import urllib.parse


class Sqlite:
    kind = 'sqlite'

    def __init__(self, folder):
        self.path = pathlib.Path(folder) / 'bench.db'

    def url(self):
        return f'sqlite:{self.path}'

    def reset(self):
        for suffix in ('', '-journal', '-wal', '-shm'):
            pathlib.Path(f'{self.path}{suffix}').unlink(missing_ok=True)

    def save(self, name):
        shutil.copy(self.path, self.path.with_name(name))

    def restore(self, name):
        self.reset()
        shutil.copy(self.path.with_name(name), self.path)

    def count_tables(self):
        return int(self.ask("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name GLOB 't[0-9]*'"))

    def ask(self, sql):
        return subprocess.run(['sqlite3', self.path, sql], check=True, capture_output=True, text=True).stdout.strip()

    def settle(self):
        os.sync()


class Postgresql:
    kind = 'postgresql'

    def __init__(self, admin_url):
        self.admin = admin_url
        self.parts = urllib.parse.urlsplit(admin_url)
        self.databases = set()

    def url(self, database='bench', scheme='postgresql', options='?sslmode=disable'):
        return self.parts._replace(scheme=scheme, path='/' + database).geturl() + options

    def psql(self, url, sql):
        return subprocess.run(['psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', url, '-c', sql], check=True,
                              capture_output=True, text=True).stdout.strip()

    def make(self, name, template='template0'):
        self.psql(self.admin, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self.psql(self.admin, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')

    def reset(self):
        self.make('bench')

    def save(self, name):
        self.make(name, 'bench')

    def restore(self, name):
        self.make('bench', name)

    def count_tables(self):
        return int(self.ask("SELECT count(*) FROM pg_tables WHERE tablename ~ '^t[0-9]+$'"))

    def ask(self, sql):
        return self.psql(self.url(), sql)

    def settle(self):
        self.psql(self.admin, 'CHECKPOINT')
