"""Replaces what differs from run to run; README.md lists the masks."""
import datetime
import getpass
import re
import socket

TIME = re.compile(r'\b(\d{4})-(\d\d)-(\d\d)[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?: ?UTC|Z|[+-]\d\d(?::?\d\d)?)?')
DATE = re.compile(r'\b(\d{4})-(\d\d)-(\d\d)\b')
STAMP = re.compile(r'(?<!\d)(\d{4})(\d\d)(\d\d)_?\d{6}(?!\d)')
DURATION = re.compile(r'\b(?:\d+m \d+s|\d+(?:\.\d+)? (?:ms|s)\b|\d+\.\d+s\b|\d+(?:\.\d+)?ms\b)')
JSON_MS = re.compile(r'("\w*_ms"\s*:\s*)\d+(?:\.\d+)?')
PID = re.compile(r'(\bpid |"pid"\s*:\s*)\d+')
SESSION = re.compile(r'\bsession \d+')
SERVER_VERSION = re.compile(r'\b(PostgreSQL|SQLite) \d+(?:\.\d+)+(?: \(Debian [^)]*\))?')
REVISION = re.compile(r'(?<![0-9a-f])[0-9a-f]{12}(?![0-9a-f])')


def is_near_now(match):
    try:
        day = datetime.date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return False
    return abs((day - datetime.datetime.now(datetime.timezone.utc).date()).days) <= 2


def near_now(pattern, mask, text):
    return pattern.sub(lambda match: mask if is_near_now(match) else match[0], text)


def mask(text, folder, known, words):
    """`known` is the transcript's own text, `words` pairs of (text, mask) for this run's server."""
    for name in sorted({str(folder), str(folder.resolve())}, key=len, reverse=True):
        text = text.replace(name, '<dir>')
    for word, placeholder in words:
        text = re.sub(r'(?<![\w.])' + re.escape(word) + r'(?![\w.]*\d)', placeholder, text)
    host = re.escape(socket.gethostname())
    text = re.sub(rf'\b{re.escape(getpass.getuser())}@{host}\b', '<user>@<host>', text)
    text = re.sub(rf'(?<![\w.-]){host}(?![\w-])', '<host>', text)
    text = near_now(TIME, '<time>', text)
    text = near_now(DATE, '<date>', text)
    text = near_now(STAMP, '<now>', text)
    text = JSON_MS.sub(r'\1<ms>', text)
    text = DURATION.sub('<duration>', text)
    text = PID.sub(r'\1<pid>', text)
    text = SESSION.sub('session <pid>', text)
    text = SERVER_VERSION.sub(r'\1 <server-version>', text)
    return REVISION.sub(lambda match: match[0] if match[0] in known else '<revision>', text)
