"""moto as the tests of policies need it: users with policies, and tables to look at."""
import contextlib
import json
import secrets
import urllib.parse
import urllib.request
import xml.etree.ElementTree

ACCOUNT = '123456789012'
REGION = 'us-east-1'
USER_ARN = f'arn:aws:iam::{ACCOUNT}:user/godwit'
TIMEOUT_S = 30
UNCHECKED = 1_000_000


def table_arn(table):
    return f'arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{table}'


class Moto:
    """A context manager. Nothing is checked but within checking()."""

    def __init__(self, url):
        self.url = url
        self.users = {}  # Policy → keys.

    def __enter__(self):
        self.check_after(UNCHECKED)
        self.drop_tables()
        return self

    def __exit__(self, *_):
        self.check_after(UNCHECKED)
        self.drop_tables()

    def post(self, path, body, headers):
        with urllib.request.urlopen(urllib.request.Request(self.url + path, body, headers), timeout=TIMEOUT_S) as reply:
            return reply.read()

    def check_after(self, calls):
        self.post('/moto-api/reset-auth', str(calls).encode(), {'Content-Type': 'text/plain'})

    @contextlib.contextmanager
    def checking(self):
        self.check_after(0)
        try:
            yield
        finally:
            self.check_after(UNCHECKED)

    def iam(self, action, **parameters):
        form = urllib.parse.urlencode({'Action': action, 'Version': '2010-05-08', **parameters}).encode()
        return self.post('/', form, {'Content-Type': 'application/x-www-form-urlencoded', 'Authorization': self.unsigned('iam')})

    @staticmethod
    def unsigned(service):
        return (f'AWS4-HMAC-SHA256 Credential=test/20250101/{REGION}/{service}/aws4_request, SignedHeaders=host, '
                'Signature=unchecked')

    def user_with(self, policy):
        """(access key, secret) of a user who has this policy alone."""
        text = json.dumps(policy)
        if text not in self.users:
            name = 'godwit-' + secrets.token_hex(4)
            self.iam('CreateUser', UserName=name)
            self.iam('PutUserPolicy', UserName=name, PolicyName='all', PolicyDocument=text)
            reply = xml.etree.ElementTree.fromstring(self.iam('CreateAccessKey', UserName=name))
            found = {element.tag.rpartition('}')[2]: element.text for element in reply.iter()}
            self.users[text] = found['AccessKeyId'], found['SecretAccessKey']
        return self.users[text]

    def call(self, action, **body):
        headers = {'X-Amz-Target': f'DynamoDB_20120810.{action}', 'Content-Type': 'application/x-amz-json-1.0',
                   'Authorization': self.unsigned('dynamodb')}
        return json.loads(self.post('/', json.dumps(body).encode(), headers))

    def tables(self):
        return sorted(self.call('ListTables')['TableNames'])

    def drop_tables(self):
        for table in self.tables():
            self.call('UpdateTable', TableName=table, DeletionProtectionEnabled=False)
            self.call('DeleteTable', TableName=table)

    def snapshot(self):
        """Each table with its shape and its items."""
        found = {}
        for table in self.tables():
            items = sorted(json.dumps(item, sort_keys=True) for item in self.call('Scan', TableName=table)['Items'])
            found[table] = json.dumps(self.call('DescribeTable', TableName=table), sort_keys=True), items
        return found

    def add_runs(self, history, count):
        """As if so many runs had been noted."""
        for number in range(count):
            self.call('PutItem', TableName=history, Item={'version': {'S': f'godwit:audit:2020-01-01T00:00:00Z:{number:04}'},
                                                          'status': {'S': 'audit'}})

    def hold_lease(self, history):
        """As a run that is gone has left it."""
        self.call('UpdateItem', TableName=history, Key={'version': {'S': 'godwit:lease'}},
                  UpdateExpression='SET #o = :o, holder = :o, since = :s, lasts_ms = :l, #s = :k, beat = :b',
                  ExpressionAttributeNames={'#o': 'owner', '#s': 'status'},
                  ExpressionAttributeValues={':o': {'S': 'somebody'}, ':s': {'S': '2020-01-01T00:00:00Z'}, ':l': {'N': '1000'},
                                             ':k': {'S': 'lease'}, ':b': {'N': '0'}})
