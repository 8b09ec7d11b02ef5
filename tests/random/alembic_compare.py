"""Asks Alembic itself what addresses mean and which rows it keeps, over random graphs.

    python3 -m venv venv && venv/bin/pip install alembic sqlalchemy
    venv/bin/python tests/random/alembic_compare.py --seed 7 --graphs 300 > tests/random/alembic_golden.txt

alembic_golden_test.cpp reads the answers, so that the tests need no Alembic. Each
graph is a line in the notation of tests/support/graph_text.h, followed by what was
asked of it, in turn, on one database:

    up ADDRESS = ROWS           rows of alembic_version afterwards
    down ADDRESS = ROWS
    at ADDRESS = REVISIONS      what an address alone means
    range FROM:TO = REVISIONS   what `alembic history -r FROM:TO` lists

ROWS and REVISIONS are sorted, "-" when there are none; "! REASON" stands in their
place where Alembic refuses, "!! EXCEPTION" where it stumbles itself. Not asked is
"-N:TO": its manual counts it from TO, the program from the heads.
"""
import argparse
import random
import sys
import types
import warnings

import alembic
import sqlalchemy
from alembic import util
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.base import Script
from alembic.script.revision import RevisionError, RevisionMap


class Graph:
    """A random history: branches, merges, dependencies, labels, several bases."""

    def __init__(self, rng):
        size = rng.randint(1, 8)
        self.ids = []
        while len(self.ids) < size:
            new = rng.choice("abcdef") + "".join(rng.choice("0123456789abcdef") for _ in range(rng.choice([3, 4, 5])))
            if new not in self.ids:
                self.ids.append(new)
        self.parents, self.depends, self.labels = {}, {}, {}
        ancestors = {}
        for place, rev in enumerate(self.ids):
            earlier = self.ids[:place]
            parents = []
            if earlier and rng.random() < 0.85:
                recent = earlier[-3:] if rng.random() < 0.7 else earlier
                parents = [rng.choice(recent)]
                others = [x for x in earlier if x not in ancestors[parents[0]] and parents[0] not in ancestors[x]]
                if others and rng.random() < 0.25:
                    parents.append(rng.choice(others))
            below = set(parents).union(*(ancestors[x] for x in parents))
            free = [x for x in earlier if x not in below]
            depends = rng.sample(free, 1) if free and rng.random() < 0.25 else []
            self.parents[rev], self.depends[rev] = parents, depends
            ancestors[rev] = below.union(depends, *(ancestors[x] for x in depends)) | {rev}
            if rng.random() < 0.2:
                self.labels[rev] = "l" + "xyz"[len(self.labels) % 3] + str(place)

    def text(self):
        parts = []
        for rev in self.ids:
            part = "&".join(self.parents[rev]) + "<-" + rev if self.parents[rev] else rev
            if self.depends[rev]:
                part += "~" + "&".join(self.depends[rev])
            if rev in self.labels:
                part += "@" + self.labels[rev]
            parts.append(part)
        return ", ".join(parts)

    def scripts(self):
        for rev in self.ids:
            module = types.ModuleType(rev)
            module.revision = rev
            module.down_revision = tuple(self.parents[rev]) or None
            module.depends_on = tuple(self.depends[rev]) or None
            module.branch_labels = (self.labels[rev],) if rev in self.labels else None
            module.upgrade = module.downgrade = lambda **_: None
            yield Script(module, rev, rev + ".py")


class Alembic:
    """One database in memory, and the graph as Alembic's own script directory."""

    def __init__(self, graph):
        self.directory = ScriptDirectory.__new__(ScriptDirectory)
        self.directory.revision_map = RevisionMap(lambda: list(graph.scripts()))
        self.directory.revision_map._revision_map  # Loads it.
        self.engine = sqlalchemy.create_engine("sqlite://", poolclass=sqlalchemy.pool.StaticPool)
        self.connection = self.engine.connect()

    def rows(self):
        context = MigrationContext.configure(self.connection)
        return sorted(context.get_current_heads())

    def move(self, direction, address):
        def steps(heads, _context):
            if direction == "up":
                return self.directory._upgrade_revs(address, heads)
            return self.directory._downgrade_revs(address, heads)

        context = MigrationContext.configure(self.connection, opts={"fn": steps})
        before = self.rows()
        try:
            with context.begin_transaction():
                context.run_migrations()
            self.connection.commit()
        except Exception:
            self.restore(before)
            raise
        return self.rows()

    def restore(self, rows):
        """Undoes a move that Alembic gave up halfway."""
        self.connection.rollback()
        self.connection.execute(sqlalchemy.text("DELETE FROM alembic_version"))
        for row in rows:
            self.connection.execute(sqlalchemy.text("INSERT INTO alembic_version VALUES (:row)"), {"row": row})
        self.connection.commit()

    def at(self, address):
        found = self.directory.get_revisions(address)
        return sorted({rev.revision for rev in found if rev is not None and rev != "base"})

    def range(self, text):
        low, high = text.split(":")
        return sorted({rev.revision for rev in self.directory.walk_revisions(low or "base", high or "heads")})


def outcome(call):
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # "ambiguous; this usage will be disallowed" counts as refused.
        try:
            return " ".join(call()) or "-"
        except (util.CommandError, RevisionError, UserWarning) as error:
            return "! " + " ".join(str(error).split())
        except (AssertionError, KeyError, AttributeError, ValueError, TypeError) as error:
            return "!! " + type(error).__name__  # Alembic itself stumbles: no answer.


def absolute(rng, graph):
    rev = rng.choice(graph.ids)
    choices = [rev, rev, rev[: rng.randint(1, len(rev))], "head", "heads", "base"]
    branch = rng.choice(list(graph.labels.values()) or [rev])
    choices += [branch, branch + "@head", branch + "@heads", branch + "@base", branch + "@" + rev, rev + "@head"]
    return rng.choice(choices)


def stepping(rng, graph):
    rev = rng.choice(graph.ids)
    sign = rng.choice("+-")
    count = rng.choice("1112")
    branch = rng.choice(list(graph.labels.values()) or [rev])
    return rng.choice(["", rev, rev, "head", branch + "@", branch + "@" + rev]) + sign + count


def questions(rng, graph):
    for _ in range(rng.randint(8, 14)):
        kind = rng.choice(["up", "up", "up", "down", "down", "at", "range"])
        if kind == "range":
            low = rng.choice(["", "base", rng.choice(graph.ids), rng.choice(graph.ids)])
            high = rng.choice(["", "head", "heads", rng.choice(graph.ids), rng.choice(graph.ids)])
            yield kind, low + ":" + high
        elif kind == "at" or rng.random() < 0.5:
            yield kind, absolute(rng, graph)
        else:
            yield kind, stepping(rng, graph)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--graphs", type=int, default=100)
    options = parser.parse_args()
    print(f"# alembic {alembic.__version__}, seed {options.seed}, {options.graphs} graphs")
    print(f"seed {options.seed}", file=sys.stderr)
    for number in range(options.graphs):
        rng = random.Random(f"{options.seed}/{number}")
        graph = Graph(rng)
        print("graph", graph.text())
        database = Alembic(graph)
        for kind, text in questions(rng, graph):
            if kind in ("up", "down"):
                answer = outcome(lambda: database.move(kind, text))
            else:
                answer = outcome(lambda: getattr(database, kind)(text))
            print(f"{kind} {text} = {answer}")


if __name__ == "__main__":
    main()
