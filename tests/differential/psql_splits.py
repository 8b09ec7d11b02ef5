"""Compares our splitter with psql, file by file, on PostgreSQL's regression suite.

    psql_splits.py SPLIT_DUMP

psql runs each script against a stand-in for the server, which writes down every
query that arrives and agrees to everything; so what is compared is psql's own
lexer, byte for byte, and no result of any statement matters. Each file is compared
twice: as it is, up to the first psql command that we refuse (psql, which would obey
it, does not see it); and with all of those commands blanked out.

Needs psql 15; fetch_postgres_sql.sh brings the scripts.
"""
import concurrent.futures
import os
import pathlib
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading

HERE = pathlib.Path(__file__).parent

COPY_FROM_STDIN = re.compile(rb"\s*copy\s.*\sfrom\s+(stdin|stdout)\b", re.I | re.S)
CONFORMING = re.compile(rb"\s*(?:set\s+(?:session\s+)?standard_conforming_strings\s*(?:=|\sto\s)\s*'?(on|off)|reset\s+(standard_conforming_strings|all)\b)", re.I)

# psql commands at the start of a line, and those that end a statement.
COPY_COMMAND = re.compile(rb"^[ \t]*\\copy ([^\n]*\bfrom stdin\b[^\n]*?);?$", re.M | re.I)
COMMAND_LINE = re.compile(
    rb"^[ \t]*\\(?:d\w*\+?|set|unset|pset|echo|qecho|warn|timing|if|elif|else|endif|gset|gexec|gdesc|gx|g|c|connect|copy|i|ir|"
    rb"getenv|getresults|x|a|t|o|p|r|q|sf\+?|sv\+?|z|l\+?|h|errverbose|crosstabview|encoding|password|bind|watch|lo_\w+|"
    rb"include|ev|ef|C|f|H|T|cd|!|\?|prompt|quit|s|w|reset|conninfo|copyright|html|setenv|startpipeline)(?=[\s;\\])[^\n]*", re.M | re.I)
ENDING_COMMAND = re.compile(rb"\\(?:g|gx|gset|gexec|gdesc|crosstabview|watch|parse|bind|;)(?=[\s;\w\\(|])(?:[^\n;']*)", re.M)
# Variables that psql sets by itself, and replaces.
OWN_VARIABLE = re.compile(rb":(['\"]?)(?:USER|DBNAME|HOST|PORT|ROW_COUNT|SQLSTATE|(?:LAST_)?ERROR\w*)\1")


def strip_gap(query):
    """Without white space and comments in front."""
    while True:
        query = query.lstrip(b" \t\r\n\f")
        if query.startswith(b"--"):
            query = query.partition(b"\n")[2]
        elif query.startswith(b"/*"):
            depth, at = 1, 2
            while depth and at < len(query):
                step = {b"/*": 1, b"*/": -1}.get(query[at:at + 2], 0)
                depth += step
                at += 2 if step else 1
            query = query[at:]
        else:
            return query


def normal(query):
    """psql leaves out empty lines, and what is behind the last statement stays in it."""
    query = re.sub(rb"\n+", b"\n", strip_gap(query)).rstrip(b" \t\r\n\f")
    return query[:-1] if query.endswith(b";") else query


class StandIn(threading.Thread):
    """Takes one connection after another, and adds what they send to `queries`."""

    def __init__(self, folder):
        super().__init__(daemon=True)
        self.queries = []
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(f"{folder}/.s.PGSQL.5432")
        self.listener.listen()

    def run(self):
        while True:
            try:
                connection = self.listener.accept()[0]
            except OSError:
                return
            with connection, connection.makefile("rb") as stream:
                self.serve(connection, stream)

    def serve(self, connection, stream):
        def send(*messages):
            connection.sendall(b"".join(kind + struct.pack("!I", len(body) + 4) + body for kind, body in messages))

        def setting(name, value):
            return b"S", name + b"\0" + value + b"\0"

        ready = b"Z", b"I"
        length, _ = struct.unpack("!II", stream.read(8))
        stream.read(length - 8)
        send((b"R", struct.pack("!I", 0)), setting(b"server_version", b"15.0"), setting(b"client_encoding", b"UTF8"),
             setting(b"standard_conforming_strings", b"on"), (b"K", b"\0" * 8), ready)
        while True:
            head = stream.read(5)
            if len(head) < 5 or head[:1] == b"X":
                return
            body = stream.read(struct.unpack("!I", head[1:])[0] - 4)
            if head[:1] in (b"c", b"f"):
                send((b"C", b"COPY 0\0"), ready)
            if head[:1] != b"Q":
                continue
            query = body[:-1]
            self.queries.append(query)
            plain = strip_gap(query)
            if COPY_FROM_STDIN.match(re.sub(rb"\([^()]*\)", b" ", plain)):
                send((b"G", b"\0\0\0"))
                continue
            changed = CONFORMING.match(plain)
            if changed:
                send(setting(b"standard_conforming_strings", (changed[1] or b"on").lower()))
            send((b"C", b"OK\0"), ready)


def run_psql(file, folder):
    environment = {**os.environ, "PGHOST": str(folder), "PGPORT": "5432", "PGUSER": "u", "PGDATABASE": "d",
                   "PGCLIENTENCODING": "UTF8", "PGSSLMODE": "disable", "PGGSSENCMODE": "disable", "PGOPTIONS": ""}
    subprocess.run(["psql", "-X", "-q", "-f", str(file)], env=environment, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60, check=False, cwd=folder)


def read_dump(dump, files):
    """For each file: the statements as (begin, end, verdict), and the error or None."""
    found = {}
    output = subprocess.run([dump, *map(str, files)], stdout=subprocess.PIPE, check=True).stdout.decode()
    for line in output.splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "file":
            current = found[rest] = [[], None]
        elif kind == "statement":
            begin, end, verdict = rest.split()
            current[0].append((int(begin), int(end), verdict))
        else:
            current[1] = rest
    return found


class Count:
    def __init__(self, parts=()):
        self.files = sum(part.files for part in parts)
        self.whole = sum(part.whole for part in parts)
        self.statements = sum(part.statements for part in parts)
        self.parsed = sum(part.parsed for part in parts)
        self.problems = [problem for part in parts for problem in part.problems]


def compare(name, text, statements, error, queries, count):
    sent = [query for query in queries if strip_gap(query) not in (b"", b";")]
    count.files += 1
    count.whole += error is None
    for i, (begin, end, verdict) in enumerate(statements):
        ours = normal(text[begin:end])
        theirs = normal(sent[i]) if i < len(sent) else b"(nothing)"
        if ours != theirs and not (end == len(text) and strip_gap(ours[len(theirs):]) == b"" and ours.startswith(theirs)):
            line = text.count(b"\n", 0, begin) + 1
            count.problems.append(f"{name}:{line}: ours {ours[:200]!r}\n    psql's {theirs[:200]!r}")
            return
        count.statements += 1
        count.parsed += verdict == "1"
        if verdict in ("0", "many"):
            count.problems.append(f"{name}: the parser finds {verdict} statements in {ours[:200]!r}")
    if error is None and len(sent) > len(statements):
        count.problems.append(f"{name}: psql goes on with {normal(sent[len(statements)])[:200]!r}")


def as_it_is(text):
    return text


def without_commands(text):
    text = COPY_COMMAND.sub(rb"COPY \1;", text)
    text = ENDING_COMMAND.sub(b";", COMMAND_LINE.sub(b"", text))
    return OWN_VARIABLE.sub(rb"\1x\1", text)


def check(dump, sources, change):
    """Compares the files (name, text), after `change`; gives the Count."""
    count = Count()
    with tempfile.TemporaryDirectory(prefix="godwit-psql-") as scratch:
        scratch = pathlib.Path(scratch)
        server = StandIn(scratch)
        server.start()
        texts = {scratch / f"{i}.sql": change(text) for i, (_, text) in enumerate(sources)}
        for file, text in texts.items():
            file.write_bytes(text)
        dumped = read_dump(dump, texts)
        for (file, text), (name, _) in zip(texts.items(), sources):
            statements, error = dumped[str(file)]
            if error:
                file.write_bytes(text[:int(error.split()[0])])
            server.queries.clear()
            run_psql(file, scratch)
            compare(name, text, statements, error, server.queries, count)
    return count


def main():
    dump = sys.argv[1]
    if shutil.which("psql") is None:
        sys.exit("psql is missing: install postgresql-client")
    fetched = subprocess.run([HERE / "fetch_postgres_sql.sh"], stdout=subprocess.PIPE, check=True).stdout.decode()
    folder = pathlib.Path(fetched.strip())
    sources = [(str(path.relative_to(folder)), path.read_bytes()) for path in sorted(folder.rglob("*.sql"))]
    failed = len(sources) < 400
    for change in (as_it_is, without_commands):
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            halves = list(pool.map(lambda half, change=change: check(dump, half, change), (sources[::2], sources[1::2])))
        count = Count(halves)
        for problem in count.problems:
            print(problem)
        print(f"{change.__name__.replace('_', ' ')}: {count.files} files, {count.whole} of them to their end; "
              f"{count.statements} statements are as psql's, and PostgreSQL's parser takes {count.parsed} of them as one")
        # The suite has some 54,000: fewer would mean that little was compared.
        failed = failed or count.problems or count.files < len(sources) or count.statements < 25_000
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
