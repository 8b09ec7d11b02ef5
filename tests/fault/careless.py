#!/usr/bin/env python3
"""A migration tool without protections: no lock, no transaction around a file,
the record written apart. The sweeps are run on it to show that they would find
a tool out: see --careless.

Understands what they say to godwit: --url sqlite:PATH --yes up"""
import pathlib
import sqlite3
import sys


def main(url):
    db = sqlite3.connect(url.removeprefix('sqlite:'), timeout=10)
    db.isolation_level = None
    db.execute('CREATE TABLE IF NOT EXISTS schema_migrations (version PRIMARY KEY, checksum, description)')
    db.execute('CREATE TABLE IF NOT EXISTS godwit_journal (version, steps_done)')
    applied = {version for (version,) in db.execute('SELECT version FROM schema_migrations')}
    for path in sorted(pathlib.Path('migrations').iterdir()):
        version = path.name.split('_')[0]
        if version in applied:
            continue
        db.executescript(path.read_text().split('-- UP\n')[1].split('-- DOWN\n')[0])
        db.execute('INSERT INTO schema_migrations VALUES (?, ?, ?)', (version, 'none', path.stem))


if __name__ == '__main__':
    main(sys.argv[sys.argv.index('--url') + 1])
