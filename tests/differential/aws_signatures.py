"""Compares our Signature Version 4 with the examples that AWS publishes and, over
random requests, with botocore's own signer.

    aws_signatures.py SIGN_DUMP [--count N] [--seed N]

fetch_botocore.sh brings both; the script runs itself again with the Python that
it made.
"""
import argparse
import base64
import datetime
import hashlib
import json
import pathlib
import random
import re
import subprocess
import sys
import urllib.parse

HERE = pathlib.Path(__file__).parent
REGIONS = ['us-east-1', 'eu-west-1', 'us-gov-west-1', 'cn-north-1']
SERVICES = ['dynamodb', 's3', 'monitoring', 'secretsmanager', 'ssm', 'sts']
UNRESERVED = '-_.~'


class Signer:
    """Our signer, in a process of its own."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def sign(self, headers=(), **fields):
        encode = lambda text: base64.b64encode(text if isinstance(text, bytes) else str(text).encode()).decode()
        line = {name: encode(value) for name, value in fields.items()}
        line['headers'] = [{'name': encode(name), 'value': encode(value)} for name, value in headers]
        self.process.stdin.write(json.dumps(line).encode() + b'\n')
        self.process.stdin.flush()
        return base64.b64decode(self.process.stdout.readline()).decode()


# The published examples.

def read_request(text):
    """Method, target, headers and body of an example; a header may go on in the next line."""
    head, _, body = text.partition('\n\n')
    first, *lines = head.split('\n')
    method, _, rest = first.partition(' ')
    headers = []
    for line in lines:
        if line[:1] in ' \t':
            headers[-1] = (headers[-1][0], headers[-1][1] + '\n' + line)
        else:
            name, _, value = line.partition(':')
            headers.append((name, value))
    return method, rest.rpartition(' HTTP/')[0], headers, body


def check_examples(signer, folder):
    failed = tried = 0
    for path in sorted(folder.rglob('*.req')):
        read = lambda kind: path.with_suffix(kind).read_text(encoding='utf-8').replace('\r', '')
        method, target, headers, body = read_request(read('.req'))
        token = re.search('^x-amz-security-token:(.*)$', read('.creq'), re.M)
        host = next(value for name, value in headers if name.lower() == 'host')
        ours = signer.sign(headers, method=method, url=f'https://{host.strip()}{target}', body=body, region='us-east-1',
                           service='service', wall_ms=1440938160000, key_id='AKIDEXAMPLE',
                           secret='wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY', token=token.group(1) if token else '')
        tried += 1
        if ours != read('.authz').strip():
            failed += 1
            print(f'{path.stem}: we sign {ours}\n  published: {read(".authz").strip()}')
    return tried, failed


# Random requests.

def random_text(random_, alphabet, most):
    return ''.join(random_.choice(alphabet) for _ in range(random_.randint(0, most)))


def random_request(random_):
    letters = 'abcXYZ019-_.~ /+%&=?#:@!$\'()*,;"<>\\^`{|}[]\u00e4\u4e16\U0001f600'
    words = 'abcdefXYZ 019;:,./=+-_"  '
    style = random_.choice(['default', 's3'])
    segments = [random_.choice(['.', '..', '', random_text(random_, letters, 12)]) for _ in range(random_.randint(0, 6))]
    path = '/' + '/'.join(urllib.parse.quote(segment, safe=UNRESERVED) for segment in segments)
    query = []
    for _ in range(random_.choice([0, 0, 1, 3, 6])):
        name = urllib.parse.quote(random_text(random_, letters, 6) + 'n', safe=UNRESERVED)
        query.append(name if random_.random() < 0.2 else name + '=' + urllib.parse.quote(random_text(random_, letters, 9), safe=UNRESERVED))
    expires_s = random_.choice(['', '', random_.randint(1, 604800)])
    # botocore loses a parameter that is given twice when it signs a URL.
    if expires_s != '':
        query = list({piece.partition('=')[0]: piece for piece in query}.values())
    elif query and random_.random() < 0.3:
        query.append(query[0].partition('=')[0] + '=again')
    host = random_.choice(['host.example', '127.0.0.1:8000', 'host.example:443', 'bucket.s3.eu-west-1.amazonaws.com'])
    headers = []
    for _ in range(random_.randint(0, 6)):
        name = random_.choice(['X-Amz-Target', 'Content-Type', 'x-custom', 'X-Amz-Meta-' + random_text(random_, 'abcXYZ', 4) + 'z',
                               'User-Agent', 'Expect', 'X-Amzn-Trace-Id', 'Range', 'If-None-Match', 'Accept'])
        headers.append((name, random_text(random_, words, 20)))
    if random_.random() < 0.2 and headers:
        headers.append((headers[0][0].upper(), 'once more'))
    return {
        'method': random_.choice(['GET', 'PUT', 'POST', 'DELETE', 'HEAD']), 'style': style,
        'url': f'{random_.choice(["https", "http"])}://{host}{path}' + ('?' + '&'.join(query) if query else ''),
        'headers': headers, 'body': random_.randbytes(random_.choice([0, 1, 100, 5000])),
        'region': random_.choice(REGIONS), 'service': 's3' if style == 's3' else random_.choice(SERVICES),
        'wall_ms': random_.randrange(0, 4_000_000_000) * 1000 + random_.randrange(1000),
        'key_id': 'AKID' + random_text(random_, 'ABC123', 16), 'secret': random_text(random_, 'abcXYZ/+019', 40) + 's',
        'token': random_.choice(['', random_text(random_, 'abcXYZ/+=019', 300)]),
        'expires_s': expires_s,
    }


def sign_by_botocore(request):
    import botocore.auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials
    now = datetime.datetime.fromtimestamp(request['wall_ms'] // 1000, datetime.timezone.utc)
    botocore.auth.get_current_datetime = lambda *arguments, **more: now
    theirs = AWSRequest(method=request['method'], url=request['url'], data=request['body'])
    for name, value in request['headers']:
        theirs.headers.add_header(name, value)
    s3, presigned = request['style'] == 's3', request['expires_s'] != ''
    kind = {(False, False): botocore.auth.SigV4Auth, (True, False): botocore.auth.S3SigV4Auth,
            (False, True): botocore.auth.SigV4QueryAuth, (True, True): botocore.auth.S3SigV4QueryAuth}[s3, presigned]
    arguments = {'expires': request['expires_s']} if presigned else {}
    keys = Credentials(request['key_id'], request['secret'], request['token'] or None)
    if request.get('payload_hash'):
        theirs.context['payload_signing_enabled'] = False
    kind(keys, request['service'], request['region'], **arguments).add_auth(theirs)
    return theirs.url if presigned else theirs.headers['Authorization']


def last_words(text):
    """What two signed URLs share whatever the order of their queries; a header as it is."""
    found = re.search('X-Amz-Signature=([0-9a-f]{64})', text)
    return found.group(1) if found else text


def check_random(signer, seed, count):
    random_ = random.Random(seed)
    failed = 0
    for number in range(count):
        request = random_request(random_)
        hash_ = ''
        if request['expires_s'] != '':
            # botocore takes a body for parameters there.
            request['body'] = b''
            hash_ = 'UNSIGNED-PAYLOAD' if request['style'] == 's3' else hashlib.sha256(b'').hexdigest()
        elif request['style'] == 's3' and request['url'].startswith('https') and random_.random() < 0.3:
            hash_ = 'UNSIGNED-PAYLOAD'
            request['payload_hash'] = hash_
            request['headers'].append(('Content-MD5', 'x'))
        theirs = sign_by_botocore(request)
        ours = signer.sign(**{**request, 'payload_hash': hash_})
        if last_words(ours) != last_words(theirs):
            failed += 1
            if failed <= 3:
                print(f'request {number} of seed {seed}: {request}\n  ours:     {ours}\n  botocore: {theirs}')
    return failed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('program')
    parser.add_argument('--count', type=int, default=5000)
    parser.add_argument('--seed', type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument('--examples', type=pathlib.Path)
    arguments = parser.parse_args()
    if arguments.examples is None:
        python, examples = subprocess.run([HERE / 'fetch_botocore.sh'], check=True, capture_output=True, text=True).stdout.split('\n')[:2]
        return subprocess.call([python, __file__, *sys.argv[1:], '--examples', examples])
    signer = Signer(arguments.program)
    print(f'seed {arguments.seed}', flush=True)
    tried, failed = check_examples(signer, arguments.examples)
    print(f'{tried - failed} of {tried} published examples are signed alike')
    differing = check_random(signer, arguments.seed, arguments.count)
    print(f'{arguments.count - differing} of {arguments.count} random requests are signed as botocore signs them')
    return 1 if failed or differing or tried < 30 else 0


if __name__ == '__main__':
    sys.exit(main())
