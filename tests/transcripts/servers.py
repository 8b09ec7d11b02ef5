"""Gives each transcript that needs a server an empty database of its own."""
import os
import secrets
import shutil
import subprocess
import urllib.parse

VARIABLES = {'postgresql': 'GODWIT_TEST_POSTGRESQL', 'postgresql-other': 'GODWIT_TEST_POSTGRESQL_OTHER',
             'pgbouncer': 'GODWIT_TEST_PGBOUNCER'}


def missing(requires):
    """What of `requires` cannot be had, as words for people."""
    problems = []
    for name in requires:
        variable = VARIABLES.get(name)
        if variable and not os.environ.get(variable):
            problems.append(f'{variable} is not set (script/servers start {name})')
        elif not variable and not shutil.which(name):
            problems.append(f'{name} is not installed')
    return problems


def psql(url, sql):
    subprocess.run(['psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', url, '-c', sql], check=True, timeout=60,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


class Database:
    """A context manager; `environment` and `words` are empty when no server is required."""

    def __init__(self, requires):
        self.kinds = [name for name in requires if name in VARIABLES]
        self.environment, self.words = {}, []

    def __enter__(self):
        if not self.kinds:
            return self
        direct = 'postgresql' if self.kinds[0] == 'pgbouncer' else self.kinds[0]
        self.admin = os.environ[VARIABLES[direct]]
        self.name = 'godwit_' + secrets.token_hex(4)
        psql(self.admin, f'CREATE DATABASE {self.name}')
        parts = urllib.parse.urlsplit(os.environ[VARIABLES[self.kinds[0]]])
        self.environment = {'DATABASE_URL': parts._replace(path='/' + self.name).geturl(),
                            'SERVER_HOST': parts.hostname, 'SERVER_PORT': str(parts.port),
                            'SERVER_USER': parts.username, 'SERVER_DATABASE': self.name,
                            'PGPASSWORD': parts.password or ''}
        self.words = [(self.name, '<database>'), (str(parts.port), '<port>')]
        return self

    def __exit__(self, *_):
        if self.kinds:
            psql(self.admin, f'DROP DATABASE {self.name} WITH (FORCE)')
