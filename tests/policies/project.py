"""A project whose migrations use every operation of DynamoDB, and the commands that
between them need all that migrating may need."""
import json

ENVIRONMENT = 'policy'
HISTORY = f'EchoesMigrations-{ENVIRONMENT}'
TABLES = f'Notes-{ENVIRONMENT}'

COMMANDS = [['down', 'base', '--yes'], ['up'], ['redo', '--yes'], ['stamp', 'base', '--yes'], ['stamp', 'head', '--yes'],
            ['lock', 'status']]

# Without these a run says what it could not do, and goes on.
OPTIONAL = {('KeepTheRecord', 'dynamodb:BatchWriteItem')}

KEY = {'user': {'S': 'u1'}, 'at': {'N': '1'}}
MOOD = {'IndexName': 'mood-index', 'KeySchema': [{'AttributeName': 'mood', 'KeyType': 'HASH'}],
        'Projection': {'ProjectionType': 'ALL'}}
STREAM = {'StreamEnabled': True, 'StreamViewType': 'NEW_IMAGE'}


def table(name, **more):
    return {'type': 'create_table', 'TableName': name, 'BillingMode': 'PAY_PER_REQUEST',
            'AttributeDefinitions': [{'AttributeName': 'user', 'AttributeType': 'S'}, {'AttributeName': 'at', 'AttributeType': 'N'}],
            'KeySchema': [{'AttributeName': 'user', 'KeyType': 'HASH'}, {'AttributeName': 'at', 'KeyType': 'RANGE'}], **more}


def on_notes(verb, **more):
    return {'type': verb, 'TableName': 'Notes', **more}


def migrations():
    """(version, operations, operations back or None)."""
    items = [{'user': {'S': f'u{number}'}, 'at': {'N': '1'}} for number in range(40)]
    return [
        ('001', [table('Notes', Tags=[{'Key': 'team', 'Value': 'notes'}])], None),
        ('002', [on_notes('create_index', AttributeDefinitions=[{'AttributeName': 'mood', 'AttributeType': 'S'}],
                          GlobalSecondaryIndexUpdates=[{'Create': MOOD}])],
         [on_notes('delete_index', GlobalSecondaryIndexUpdates=[{'Delete': {'IndexName': 'mood-index'}}])]),
        # moto cannot write to a table whose stream was taken away: it goes last.
        ('003', [on_notes('update_ttl', TimeToLiveSpecification={'AttributeName': 'ttl', 'Enabled': True}),
                 on_notes('update_stream', StreamSpecification=STREAM),
                 on_notes('update_pitr', PointInTimeRecoverySpecification={'PointInTimeRecoveryEnabled': True}),
                 on_notes('tag', Tags=[{'Key': 'owner', 'Value': 'me'}], TagKeys=['team'])], None),
        ('004', [on_notes('put_items', Items=items)], None),
        ('005', [on_notes('update_items', Updates=[{'Key': KEY, 'UpdateExpression': 'SET mood = :m',
                                                    'ExpressionAttributeValues': {':m': {'S': 'calm'}}}])], None),
        ('006', [{'type': 'partiql', 'Statements': [
                    {'Statement': 'INSERT INTO Notes VALUE {\'user\': \'p\', \'at\': 1}'},
                    {'Statement': 'UPDATE Notes SET mood=? WHERE "user"=\'u1\' AND "at"=1', 'Parameters': [{'S': 'glad'}]}]},
                 on_notes('delete_items', Keys=[{'user': {'S': 'u2'}, 'at': {'N': '1'}}])],
         [{'type': 'partiql', 'Statement': 'DELETE FROM Notes WHERE "user"=\'p\' AND "at"=1'}]),
        ('007', [on_notes('update_deletion_protection', DeletionProtectionEnabled=True)], None),
    ]


def write(folder, url):
    (folder / 'godwit.toml').write_text(
        f'default_environment = "{ENVIRONMENT}"\n[database.main]\nurl = "dynamodb+{url}?region=us-east-1&lease=10s"\n'
        f'name_template = "{{name}}-{{environment}}"\nhistory = "EchoesMigrations"\nseeds = "seeds.json"\n[environment.{ENVIRONMENT}]\n')
    (folder / 'seeds.json').write_text(json.dumps({'seed': 1, 'now': '2025-01-01T00:00:00Z', 'demo': [
        {'table': 'Notes', 'count': 60, 'item': {'user': {'$uuid': True}, 'at': {'$integer': [1, 9]}}}]}))
    (folder / 'migrations').mkdir()
    for version, up, down in migrations():
        text = {'version': version, 'name': 'notes', 'database_type': 'dynamodb', 'operations': up}
        if down is not None:
            text['rollback_operations'] = down
        (folder / f'migrations/{version}_notes.json').write_text(json.dumps(text))
