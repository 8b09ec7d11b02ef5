"""Gives each transcript that needs a server an empty database of its own."""
import json
import os
import secrets
import shutil
import subprocess
import urllib.parse
import urllib.request

VARIABLES = {'postgresql': 'GODWIT_TEST_POSTGRESQL', 'postgresql-other': 'GODWIT_TEST_POSTGRESQL_OTHER',
             'pgbouncer': 'GODWIT_TEST_PGBOUNCER', 'dynamodb': 'GODWIT_TEST_DYNAMODB'}


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
        self.name = 'godwit_' + secrets.token_hex(4)
        if self.kinds == ['dynamodb']:
            return self.of_dynamodb()
        direct = 'postgresql' if self.kinds[0] == 'pgbouncer' else self.kinds[0]
        self.admin = os.environ[VARIABLES[direct]]
        psql(self.admin, f'CREATE DATABASE {self.name}')
        parts = urllib.parse.urlsplit(os.environ[VARIABLES[self.kinds[0]]])
        self.environment = {'DATABASE_URL': parts._replace(path='/' + self.name).geturl(),
                            'SERVER_HOST': parts.hostname, 'SERVER_PORT': str(parts.port),
                            'SERVER_USER': parts.username, 'SERVER_DATABASE': self.name,
                            'PGPASSWORD': parts.password or ''}
        self.words = [(self.name, '<database>'), (str(parts.port), '<port>')]
        return self

    def of_dynamodb(self):
        """Tables are told apart by an environment's name of their own."""
        parts = urllib.parse.urlsplit(os.environ[VARIABLES['dynamodb']])
        self.environment = {'DYNAMODB_URL': f'dynamodb+{parts.geturl()}?region=us-east-1', 'GODWIT_ENVIRONMENT': self.name,
                            'DYNAMODB_ENDPOINT': parts.geturl(),
                            'AWS_ACCESS_KEY_ID': 'godwit', 'AWS_SECRET_ACCESS_KEY': 'barnacle'}
        self.words = [(self.name, '<environment>'), (str(parts.port), '<port>')]
        return self

    def drop_tables(self):
        for table in self.call('ListTables', {})['TableNames']:
            if table.endswith('-' + self.name):
                self.call('DeleteTable', {'TableName': table})

    def call(self, action, body):
        request = urllib.request.Request(os.environ[VARIABLES['dynamodb']], json.dumps(body).encode(), {
            'X-Amz-Target': 'DynamoDB_20120810.' + action, 'Content-Type': 'application/x-amz-json-1.0',
            'Authorization': 'AWS4-HMAC-SHA256 Credential=godwit/20250101/us-east-1/dynamodb/aws4_request,'
                             ' SignedHeaders=host, Signature=unchecked'})
        with urllib.request.urlopen(request, timeout=30) as reply:
            return json.load(reply)

    def __exit__(self, *_):
        if self.kinds == ['dynamodb']:
            self.drop_tables()
        elif self.kinds:
            psql(self.admin, f'DROP DATABASE {self.name} WITH (FORCE)')
