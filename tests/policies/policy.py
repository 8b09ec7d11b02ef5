"""Judges requests to DynamoDB by an IAM policy as AWS does: by action and by table.

Transactions have no action of their own: each of their entries needs its own. Source:
"Using IAM with DynamoDB transactions" and "IAM security policies with PartiQL for
DynamoDB" in the developer guide.
"""
import fnmatch
import json
import pathlib
import re

FOLDER = pathlib.Path(__file__).resolve().parents[2] / 'docs/aws/policies'
ENTRY_ACTIONS = {'Put': 'PutItem', 'Update': 'UpdateItem', 'Delete': 'DeleteItem', 'ConditionCheck': 'ConditionCheckItem'}
PARTIQL = re.compile(r'^\s*(INSERT)\s+INTO\s+"?([^\s".]+)|^\s*(UPDATE)\s+"?([^\s".]+)|^\s*(DELETE)\s+FROM\s+"?([^\s".]+)', re.I)


def as_list(value):
    return value if isinstance(value, list) else [value]


def read_policy(name, account, region, history, tables):
    """The shipped file with its placeholders filled in."""
    text = (FOLDER / f'{name}.json').read_text()
    for placeholder, value in (('REGION', region), ('ACCOUNT', account), ('HISTORY', history), ('TABLES', tables)):
        text = text.replace(placeholder, value)
    return json.loads(text)


def needs(action, body):
    """(action, table) of everything that the request needs; a table may be an ARN."""
    if action in ('BatchGetItem', 'BatchWriteItem'):
        return {(action, table) for table in body['RequestItems']}
    if action == 'TransactWriteItems':
        return {(ENTRY_ACTIONS[kind], part['TableName']) for entry in body['TransactItems'] for kind, part in entry.items()}
    if action == 'ExecuteTransaction':
        found = set()
        for statement in body['TransactStatements']:
            words = [word for word in PARTIQL.match(statement['Statement']).groups() if word]
            found.add(('PartiQL' + words[0].capitalize(), words[1]))
        return found
    found = {(action, body.get('TableName') or body['ResourceArn'])}
    if action == 'CreateTable' and body.get('Tags'):
        found.add(('TagResource', body['TableName']))
    return found


def granted_by(policy, action, resource):
    """(statement, action) of each grant that allows it."""
    return {(statement['Sid'], allowed) for statement in policy['Statement'] for allowed in as_list(statement['Action'])
            if allowed == f'dynamodb:{action}'
            and any(fnmatch.fnmatchcase(resource, pattern) for pattern in as_list(statement['Resource']))}


def grants(policy):
    return [(statement['Sid'], action) for statement in policy['Statement'] for action in as_list(statement['Action'])]


def without(policy, grant):
    """The policy less one grant."""
    kept = []
    for statement in policy['Statement']:
        actions = [action for action in as_list(statement['Action']) if (statement['Sid'], action) != grant]
        if actions:
            kept.append({**statement, 'Action': actions})
    return {**policy, 'Statement': kept}


def for_moto(policy):
    """moto looks at actions alone, and takes a transaction for one: what tables it is
    about and what its entries need is left to this file."""
    actions = sorted({action for _, action in grants(policy)})
    if 'dynamodb:ConditionCheckItem' in actions:
        actions.append('dynamodb:TransactWriteItems')
    if any('PartiQL' in action for action in actions):
        actions.append('dynamodb:ExecuteTransaction')
    return {'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Action': actions or ['none:none'], 'Resource': '*'}]}
