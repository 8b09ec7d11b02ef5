// Faulty files and folders, each with all that is said about it.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "support/format_fault.h"
#include "support/migration_dump.h"
#include "support/scratch_folder.h"

namespace godwit {
namespace {

using test::Fault;

const std::vector<Fault>& faults() {
    static const std::vector<Fault> kFaults = {
        {"Latin-1",
         {{"20250101_120000_a.sql", "-- UP\nINSERT INTO t VALUES ('caf\351');\n"}},
         "invalid_input 20250101_120000_a.sql:2:27: byte 0xe9 at offset 32 is not UTF-8\n"
         "  > Save the file as UTF-8, for example with `iconv -f LATIN1 -t UTF-8`.\n"},
        {"Latin-1 after wide characters",
         {{"20250101_120000_a.sql", "-- \303\244\303\266\303\274 \377\n"}},
         "invalid_input 20250101_120000_a.sql:1:8: byte 0xff at offset 10 is not UTF-8\n"
         "  > Save the file as UTF-8, for example with `iconv -f LATIN1 -t UTF-8`.\n"},
        {"cut UTF-8 at the end",
         {{"20250101_120000_a.sql", "SELECT '\342\202"}},
         "invalid_input 20250101_120000_a.sql:1:9: byte 0xe2 at offset 8 is not UTF-8\n"
         "  > Save the file as UTF-8, for example with `iconv -f LATIN1 -t UTF-8`.\n"},
        {"overlong UTF-8",
         {{"20250101_120000_a.sql", "SELECT '\300\257'"}},
         "invalid_input 20250101_120000_a.sql:1:9: byte 0xc0 at offset 8 is not UTF-8\n"
         "  > Save the file as UTF-8, for example with `iconv -f LATIN1 -t UTF-8`.\n"},
        {"surrogate in UTF-8",
         {{"20250101_120000_a.sql", "SELECT '\355\240\200'"}},
         "invalid_input 20250101_120000_a.sql:1:9: byte 0xed at offset 8 is not UTF-8\n"
         "  > Save the file as UTF-8, for example with `iconv -f LATIN1 -t UTF-8`.\n"},
        {"NUL byte",
         {{"20250101_120000_a.sql", std::string("SELECT 1;\nSELECT\0002;\n", 20)}},
         "invalid_input 20250101_120000_a.sql:2:7: a NUL byte at offset 16\n"
         "  > Remove it: SQL text cannot hold NUL. Write binary data in hexadecimal.\n"},
        {"UTF-16",
         {{"20250101_120000_a.sql",
           std::string("\377\376S\000E\000L\000E\000C\000T\000 \0001\000;\000", 20)}},
         "invalid_input 20250101_120000_a.sql:1:1: the file is UTF-16, not UTF-8\n"
         "  > Save it as UTF-8.\n"},
        {"carriage return in a comment",
         {{"20250101_120000_a.sql", "-- harmless\rDROP TABLE users;\nSELECT 1;\n"}},
         "invalid_input 20250101_120000_a.sql:1:12: a carriage return without a line feed inside a comment\n"
         "  > Save the file with LF or CRLF line ends.\n"},
        {"no version",
         {{"add_users.sql", "SELECT 1;"}},
         "invalid_input add_users.sql: the name gives no version\n"
         "  > A version must come first, as in 20250104_100000_add_email.sql; 20250104100000_x.sql, "
         "0007_x.sql, 1.2.0_x.sql, V1.2__x.sql and R__x.sql are read too.\n"},
        {"date with four digits of time",
         {{"20250101_1200_x.sql", "SELECT 1;"}},
         "invalid_input 20250101_1200_x.sql: the name gives no version\n"
         "  > A version must come first, as in 20250104_100000_add_email.sql; 20250104100000_x.sql, "
         "0007_x.sql, 1.2.0_x.sql, V1.2__x.sql and R__x.sql are read too.\n"},
        {"date with hyphen and time",
         {{"20250101-120000_x.sql", "SELECT 1;"}},
         "invalid_input 20250101-120000_x.sql: the name gives no version\n"
         "  > A version must come first, as in 20250104_100000_add_email.sql; 20250104100000_x.sql, "
         "0007_x.sql, 1.2.0_x.sql, V1.2__x.sql and R__x.sql are read too.\n"},
        {"version glued to the description",
         {{"0001x.sql", "SELECT 1;"}},
         "invalid_input 0001x.sql: the name gives no version\n"
         "  > A version must come first, as in 20250104_100000_add_email.sql; 20250104100000_x.sql, "
         "0007_x.sql, 1.2.0_x.sql, V1.2__x.sql and R__x.sql are read too.\n"},
        {"lower-case v",
         {{"v1__x.sql", "SELECT 1;"}},
         "invalid_input v1__x.sql: the name gives no version\n"
         "  > A version must come first, as in 20250104_100000_add_email.sql; 20250104100000_x.sql, "
         "0007_x.sql, 1.2.0_x.sql, V1.2__x.sql and R__x.sql are read too.\n"},
        {"one underscore behind V",
         {{"V1_x.sql", "SELECT 1;"}},
         "invalid_input V1_x.sql: the name gives no version\n"
         "  > A version must come first, as in 20250104_100000_add_email.sql; 20250104100000_x.sql, "
         "0007_x.sql, 1.2.0_x.sql, V1.2__x.sql and R__x.sql are read too.\n"},
        {"version too long",
         {{std::string(51, '1') + "_x.sql", "SELECT 1;"}},
         "invalid_input 111111111111111111111111111111111111111111111111111_x.sql: version "
         "111111111111111111111111111111111111111111111111111 is longer than 50 characters\n"
         "  > The history table holds no longer ones; shorten it.\n"},
        {"no version, escape in the name",
         {{"\033[31mred.sql", "SELECT 1;"}},
         "invalid_input \\x1b[31mred.sql: the name gives no version\n"
         "  > A version must come first, as in 20250104_100000_add_email.sql; 20250104100000_x.sql, "
         "0007_x.sql, 1.2.0_x.sql, V1.2__x.sql and R__x.sql are read too.\n"},
        {"name not UTF-8",
         {{"caf\351.sql", "SELECT 1;"}},
         "invalid_input caf\\xe9.sql: the name gives no version\n"
         "  > A version must come first, as in 20250104_100000_add_email.sql; 20250104100000_x.sql, "
         "0007_x.sql, 1.2.0_x.sql, V1.2__x.sql and R__x.sql are read too.\n"},
        {"up file without a version",
         {{"x.up.sql", "SELECT 1;"}},
         "invalid_input x.up.sql: the name gives no version\n"
         "  > A version must come first, as in 20250104_100000_add_email.sql; 20250104100000_x.sql, "
         "0007_x.sql, 1.2.0_x.sql, V1.2__x.sql and R__x.sql are read too.\n"},
        {"down file without a version",
         {{"x.down.sql", "SELECT 1;"}},
         "invalid_input x.down.sql: the name gives no version\n"
         "  > A version must come first, as in 20250104_100000_add_email.sql; 20250104100000_x.sql, "
         "0007_x.sql, 1.2.0_x.sql, V1.2__x.sql and R__x.sql are read too.\n"},
        {"version of a folder",
         {{"create_users/up.sql", "SELECT 1;"}},
         "invalid_input create_users/: the name of the folder gives no version\n"
         "  > A version must come first, as in 2025-01-04-100000_add_email/up.sql.\n"},
        {"second UP",
         {{"20250101_120000_a.sql", "-- UP\nSELECT 1;\n-- UP\nSELECT 2;\n"}},
         "invalid_input 20250101_120000_a.sql:3:1: a second up section; the first starts in line 1\n"
         "  > Keep one of the two, or put the other into a migration of its own.\n"},
        {"second DOWN",
         {{"20250101_120000_a.sql", "-- UP\nSELECT 1;\n-- DOWN\nSELECT 2;\n  -- down:\nSELECT 3;\n"}},
         "invalid_input 20250101_120000_a.sql:5:3: a second down section; the first starts in line 3\n"
         "  > Keep one of the two, or put the other into a migration of its own.\n"},
        {"DOWN before UP",
         {{"20250101_120000_a.sql", "-- DOWN\nSELECT 2;\n-- UP\nSELECT 1;\n"}},
         "invalid_input 20250101_120000_a.sql:3:1: the up section starts after the down section of line 1\n"
         "  > Put the up section first.\n"},
        {"statement before UP",
         {{"20250101_120000_a.sql", "-- Migration: x\n\nCREATE EXTENSION x; -- needed\n-- UP\nSELECT 1;\n"}},
         "invalid_input 20250101_120000_a.sql:3:1: this statement stands before the up section of line 4 and "
         "would never run\n"
         "  > Move it below the line that starts the up section.\n"},
        {"BEGIN before UP",
         {{"20250101_120000_a.sql", "BEGIN;\n-- UP\nSELECT 1;\nCOMMIT;\n"}},
         "invalid_input 20250101_120000_a.sql:1:1: this statement stands before the up section of line 2 and "
         "would never run\n"
         "  > Move it below the line that starts the up section.\n"},
        {"no-op with a statement",
         {{"20250101_120000_a.sql", "-- godwit: no-op\n-- UP\nSELECT 1;\n"}},
         "invalid_input 20250101_120000_a.sql:3:1: the file says no-op but holds a statement\n"
         "  > Remove `-- godwit: no-op`, or the statement.\n"},
        {"revision markers in an SQL file",
         {{"20250101_120000_a.sql", "-- upgrade\nSELECT 1;\n-- downgrade\nSELECT 2;\n"}},
         "invalid_input 20250101_120000_a.sql:1:1: \"upgrade\" belongs to revision files, and this one has "
         "no `Revision ID:`\n"
         "  > Add the head of a revision, or write -- UP and -- DOWN.\n"},
        {"downgrade marker only",
         {{"20250101_120000_a.sql", "SELECT 1;\n-- Downgrade:\nSELECT 2;\n"}},
         "invalid_input 20250101_120000_a.sql:2:1: \"Downgrade:\" belongs to revision files, and this one "
         "has no `Revision ID:`\n"
         "  > Add the head of a revision, or write -- UP and -- DOWN.\n"},
        {"goose marker too late",
         {{"20250101_120000_a.sql", "SELECT 1;\n-- +goose Down\nSELECT 2;\n"}},
         "invalid_input 20250101_120000_a.sql:2:1: \"+goose Down\" belongs to files of goose, and this is "
         "none\n"
         "  > Put `-- +goose Up` before the first statement, or write -- UP and -- DOWN.\n"},
        {"dbmate marker too late",
         {{"20250101_120000_a.sql", "SELECT 1;\n-- migrate:down\nSELECT 2;\n"}},
         "invalid_input 20250101_120000_a.sql:2:1: \"migrate:down\" belongs to files of dbmate, and this is "
         "none\n"
         "  > Put `-- migrate:up` before the first statement, or write -- UP and -- DOWN.\n"},
        {"marker of sql-migrate",
         {{"20250101_120000_a.sql", "-- +migrate Up\nSELECT 1;\n"}},
         "invalid_input 20250101_120000_a.sql:1:1: \"+migrate Up\" belongs to files of sql-migrate, and this "
         "is none\n"
         "  > Write -- UP and -- DOWN; sql-migrate's own lines are not read.\n"},
        {"unknown option",
         {{"20250101_120000_a.sql", "-- godwit: transation=off\nSELECT 1;\n"}},
         "invalid_input 20250101_120000_a.sql:1:12: unknown option \"transation\"\n"
         "  > Did you mean transaction?\n"},
        {"unknown option, nothing near",
         {{"20250101_120000_a.sql", "-- godwit: colour=blue\nSELECT 1;\n"}},
         "invalid_input 20250101_120000_a.sql:1:12: unknown option \"colour\"\n"
         "  > The options are transaction, lock_timeout, statement_timeout, depends_on, phase, no-op.\n"},
        {"bad transaction",
         {{"20250101_120000_a.sql", "-- godwit: transaction=maybe\nSELECT 1;\n"}},
         "invalid_input 20250101_120000_a.sql:1:24: \"maybe\" is no value for transaction\n"
         "  > Write transaction=off or transaction=auto.\n"},
        {"bad duration",
         {{"20250101_120000_a.sql", "-- godwit: lock_timeout=5 parsecs\nSELECT 1;\n"}},
         "invalid_input 20250101_120000_a.sql:1:27: unknown option \"parsecs\"\n"
         "  > The options are transaction, lock_timeout, statement_timeout, depends_on, phase, no-op.\n"},
        {"bad unit",
         {{"20250101_120000_a.sql", "-- godwit: statement_timeout=5x\nSELECT 1;\n"}},
         "invalid_input 20250101_120000_a.sql:1:30: \"5x\" is no value for statement_timeout\n"
         "  > Write a number with ms, s, min or h, as in statement_timeout=5s.\n"},
        {"negative duration",
         {{"20250101_120000_a.sql", "-- godwit: lock_timeout=-5s\nSELECT 1;\n"}},
         "invalid_input 20250101_120000_a.sql:1:25: \"-5s\" is no value for lock_timeout\n"
         "  > Write a number with ms, s, min or h, as in lock_timeout=5s.\n"},
        {"bad phase",
         {{"20250101_120000_a.sql", "-- godwit: phase=middle\nSELECT 1;\n"}},
         "invalid_input 20250101_120000_a.sql:1:18: \"middle\" is no value for phase\n"
         "  > The phases are expand, backfill and contract.\n"},
        {"option without a value",
         {{"20250101_120000_a.sql", "-- godwit: phase\nSELECT 1;\n"}},
         "invalid_input 20250101_120000_a.sql:1:12: option phase has no value\n"
         "  > Write it as `phase=…`, without blanks around the `=`.\n"},
        {"option with an empty value",
         {{"20250101_120000_a.sql", "-- godwit: phase=\nSELECT 1;\n"}},
         "invalid_input 20250101_120000_a.sql:1:12: option phase has no value\n"
         "  > Write it as `phase=…`, without blanks around the `=`.\n"},
        {"no-op with a value",
         {{"20250101_120000_a.sql", "-- godwit: no-op=yes\n"}},
         "invalid_input 20250101_120000_a.sql:1:18: no-op takes no value\n"
         "  > Write `-- godwit: no-op`.\n"},
        {"nothing said",
         {{"20250101_120000_a.sql", "-- godwit:\nSELECT 1;\n"}},
         "invalid_input 20250101_120000_a.sql:1:3: `-- godwit:` says nothing\n"
         "  > Write options behind it, as in `-- godwit: transaction=off`.\n"},
        {"option twice",
         {{"20250101_120000_a.sql", "-- godwit: phase=expand\nSELECT 1;\n-- godwit: phase=contract\n"}},
         "invalid_input 20250101_120000_a.sql:3:12: option phase is contract here and expand at "
         "20250101_120000_a.sql:1:12\n"
         "  > Options hold for the whole migration; keep one of the two.\n"},
        {"transaction=on",
         {{"20250101_120000_a.sql", "-- godwit: transaction=on\nSELECT 1;\n"}},
         "invalid_input 20250101_120000_a.sql:1:24: \"on\" is no value for transaction\n"
         "  > Write transaction=off or transaction=auto.\n"},
        {"two revision ids",
         {{"r.sql", "-- Revision ID: aaaa\n-- Revises:\n-- Revision ID: bbbb\n-- upgrade\nSELECT 1;\n"}},
         "invalid_input r.sql:3:4: a second `Revision ID:`; the first is in line 1\n"
         "  > Keep one of the two; each revision has a file of its own.\n"},
        {"two lines of parents",
         {{"r.sql", "Revision ID: bbbb\nRevises: aaaa\nrevises: cccc\n-- upgrade\nSELECT 1;\n"}},
         "invalid_input r.sql:3:1: a second `Revises:`; the first is in line 2\n"
         "  > Keep one of the two; each revision has a file of its own.\n"},
        {"no line of parents",
         {{"r.sql", "-- first\n-- Revision ID: aaaa\n-- upgrade\nSELECT 1;\n"}},
         "invalid_input r.sql:2:4: a revision without a `Revises:` line\n"
         "  > Write `Revises:` with the id of its parent, or `Revises: None` for the first revision.\n"},
        {"empty dependency",
         {{"20250101_120000_a.sql", "-- godwit: depends_on=a,,b\nSELECT 1;\n"}},
         "invalid_input 20250101_120000_a.sql:1:25: depends_on has an empty name in its list\n"
         "  > Write it as `depends_on=20250101_120000,postgresql:1.0.0`.\n"},
        {"option behind wide characters",
         {{"20250101_120000_a.sql", "SELECT 1;\n  -- godwit: lock_timeout=äöü phäse=x\n"}},
         "invalid_input 20250101_120000_a.sql:2:27: \"äöü\" is no value for lock_timeout\n"
         "  > Write a number with ms, s, min or h, as in lock_timeout=5s.\n"},
        {"revision without id",
         {{"r.sql", "-- Revision ID:\n-- Revises: a\n-- upgrade\nSELECT 1;\n"}},
         "invalid_input r.sql:1:16: `Revision ID:` is empty\n"
         "  > Write an id, such as the 12 digits `godwit revision` makes.\n"},
        {"revision id of two words",
         {{"r.sql", "-- Revision ID: a b\n-- upgrade\nSELECT 1;\n"}},
         "invalid_input r.sql:1:17: \"a b\" cannot be a revision id\n"
         "  > Ids are made of letters, digits, `_`, `-` and `.`; 12 hexadecimal digits are usual.\n"},
        {"revision id with a sign",
         {{"r.sql", "-- Revision ID: a+1\n-- upgrade\nSELECT 1;\n"}},
         "invalid_input r.sql:1:17: \"a+1\" cannot be a revision id\n"
         "  > Ids are made of letters, digits, `_`, `-` and `.`; 12 hexadecimal digits are usual.\n"},
        {"reserved revision id",
         {{"r.sql", "-- Revision ID: head\n-- upgrade\nSELECT 1;\n"}},
         "invalid_input r.sql:1:17: \"head\" is a word of addresses and cannot be a revision id\n"
         "  > Ids are made of letters, digits, `_`, `-` and `.`; 12 hexadecimal digits are usual.\n"},
        {"revision without upgrade",
         {{"r.sql", "-- Revision ID: abc\n-- Revises:\nSELECT 1;\n"}},
         "invalid_input r.sql:3:1: a line that is neither head nor comment stands before `-- upgrade`\n"
         "  > Put statements below `-- upgrade`, and text into comments.\n"},
        {"revision with comments only",
         {{"r.sql", "-- Revision ID: abc\n-- Revises:\n-- just this\n"}},
         "invalid_input r.sql: a revision without an upgrade section\n"
         "  > Start it with a line `-- upgrade` below the head.\n"},
        {"second upgrade",
         {{"r.sql", "-- Revision ID: abc\n-- upgrade\nSELECT 1;\n-- Upgrade:\nSELECT 2;\n"}},
         "invalid_input r.sql:4:1: a second up section; the first starts in line 2\n"
         "  > Keep one of the two, or put the other into a migration of its own.\n"},
        {"downgrade before upgrade",
         {{"r.sql", "-- Revision ID: abc\n-- downgrade\nSELECT 1;\n-- upgrade\nSELECT 2;\n"}},
         "invalid_input r.sql:4:1: the up section starts after the down section of line 2\n"
         "  > Put the up section first.\n"},
        {"parent twice",
         {{"r.sql", "-- Revision ID: abc\n-- Revises: x, x\n-- upgrade\nSELECT 1;\n"}},
         "invalid_input r.sql:2:16: parent x is named twice\n"
         "  > Name it once.\n"},
        {"parent with a sign",
         {{"r.sql", "-- Revision ID: abc\n-- Revises: x@head\n-- upgrade\nSELECT 1;\n"}},
         "invalid_input r.sql:2:13: \"x@head\" cannot be a revision id\n"
         "  > Write the id of the parent, several with commas between them.\n"},
        {"DOWN in a revision",
         {{"r.sql", "-- Revision ID: abc\n-- upgrade\nSELECT 1;\n-- DOWN\nSELECT 2;\n"}},
         "invalid_input r.sql:4:1: \"DOWN\" in a revision file\n"
         "  > The sections of a revision start with `-- upgrade` and `-- downgrade`.\n"},
        {"Python revision",
         {{"abc_x.py", "\"\"\"x\"\"\"\nrevision = 'abc123'\ndown_revision = None\n"}},
         "invalid_input abc_x.py: revision abc123 is written in Python, and Python revision files cannot be "
         "run\n"
         "  > Write it as an .sql file with the same `Revision ID:` and `Revises:`; `alembic upgrade "
         "PARENT:REVISION --sql` prints its statements. See docs/formats/revision.md.\n"},
        {"no JSON",
         {{"1_x.json", "{\"version\": \"1\",}"}, {"1_x.sql", "SELECT 1;\n"}},
         "invalid_input 1_x.json:1:17: not JSON: missing a name for object member\n"
         "  > Correct the JSON.\n"},
        {"JSON cut",
         {{"1_x.json", "{\"version\": \"1\""}, {"1_x.sql", "SELECT 1;\n"}},
         "invalid_input 1_x.json:1:16: not JSON: missing a comma or '}' after an object member\n"
         "  > Correct the JSON.\n"},
        {"JSON with a tail",
         {{"1_x.json", "{\"version\": \"1\", \"database_type\": \"postgresql\"}\n}"},
          {"1_x.sql", "SELECT 1;\n"}},
         "invalid_input 1_x.json:2:1: not JSON: the document root must not be followed by other values\n"
         "  > Correct the JSON.\n"},
        {"JSON array",
         {{"1_x.json", "[]"}, {"1_x.sql", "SELECT 1;\n"}},
         "invalid_input 1_x.json:1:1: a migration is an object, and this is an array\n"
         "  > Write {\"version\": …, \"name\": …, \"database_type\": …}.\n"},
        {"JSON too deep",
         {{"1_x.json", std::string(101, '[') + std::string(101, ']')}, {"1_x.sql", "SELECT 1;\n"}},
         "invalid_input 1_x.json:1:101: more than 100 levels of JSON\n"
         "  > Correct the JSON.\n"},
        {"member twice",
         {{"1_x.json", "{\"version\": \"1\",\n \"version\": \"2\"}"}, {"1_x.sql", "SELECT 1;\n"}},
         "invalid_input 1_x.json:2:2: member \"version\" is given twice\n"
         "  > Correct the JSON.\n"},
        {"first member wrong",
         {{"1_x.json", "{\"version\": [1, {\"a\": true}], \"database_type\": \"postgresql\"}"},
          {"1_x.sql", "SELECT 1;\n"}},
         "invalid_input 1_x.json:1:13: version must be a string, and this is an array\n"
         "  > Put it in double quotes.\n"},
        {"lone surrogate",
         {{"1_x.json", "{\"version\": \"\\ud800\"}"}, {"1_x.sql", "SELECT 1;\n"}},
         "invalid_input 1_x.json:1:14: not JSON: the surrogate pair in string is invalid\n"
         "  > Correct the JSON.\n"},
        {"version a number",
         {{"1_x.json", "{\"version\": 1.0, \"database_type\": \"postgresql\"}"}, {"1_x.sql", "SELECT 1;\n"}},
         "invalid_input 1_x.json:1:13: version must be a string, and this is a number\n"
         "  > Put it in double quotes.\n"},
        {"version no version",
         {{"1_x.json", "{\"version\": \"one\", \"database_type\": \"postgresql\"}"},
          {"1_x.sql", "SELECT 1;\n"}},
         "invalid_input 1_x.json:1:13: \"one\" is no version\n"
         "  > Versions are made of numbers: 1.2.0, 0007, 20250104_100000.\n"},
        {"version missing",
         {{"x.json", "{\"database_type\": \"postgresql\"}"}, {"x.sql", "SELECT 1;"}},
         "invalid_input x.json: version is missing\n"
         "  > Add \"version\": \"1.0.0\".\n"},
        {"database type missing",
         {{"1_x.json", "{\"version\": \"1\"}"}, {"1_x.sql", "SELECT 1;\n"}},
         "invalid_input 1_x.json: database_type is missing\n"
         "  > Add \"database_type\": \"postgresql\".\n"},
        {"other database",
         {{"1_x.json", "{\"version\": \"1\",\n  \"database_type\": \"mongodb\"}"},
          {"1_x.sql", "SELECT 1;\n"}},
         "invalid_input 1_x.json:2:20: database_type is \"mongodb\", but this is a folder of migrations for "
         "PostgreSQL\n"
         "  > Move it to the folder of the database it is meant for.\n"},
        {"PostgreSQL in the folder of SQLite",
         {{"1_x.json", "{\"version\": \"1\", \"database_type\": \"postgresql\"}"},
          {"1_x.sql", "SELECT 1;\n"}},
         "invalid_input 1_x.json:1:35: database_type is \"postgresql\", but this is a folder of migrations "
         "for SQLite\n"
         "  > Move it to the folder of the database it is meant for.\n",
         Dialect::kSqlite},
        {"operations in JSON",
         {{"1_x.json",
           "{\"version\": \"1\", \"database_type\": \"postgresql\", \"operations\": [{\"type\": \"sql\"}]}"},
          {"1_x.sql", "SELECT 1;\n"}},
         "invalid_input 1_x.json:1:64: operations of a PostgreSQL migration cannot stand in the JSON\n"
         "  > Write them as SQL into 1_x.sql.\n"},
        {"operations no array",
         {{"1_x.json",
           "{\"version\": \"1\", \"database_type\": \"postgresql\", \"rollback_operations\": {}}"},
          {"1_x.sql", "SELECT 1;\n"}},
         "invalid_input 1_x.json:1:72: rollback_operations must be an array, and this is an object\n"
         "  > Remove it: the statements stand in the .sql file.\n"},
        {"dependencies no array",
         {{"1_x.json", "{\"version\": \"1\", \"database_type\": \"postgresql\", \"dependencies\": \"1.0\"}"},
          {"1_x.sql", "SELECT 1;\n"}},
         "invalid_input 1_x.json:1:65: dependencies must be an array, and this is a string\n"
         "  > Write it as [\"1.0.0\", \"postgresql:1.2.0\"].\n"},
        {"dependency no string",
         {{"1_x.json",
           "{\"version\": \"1\", \"database_type\": \"postgresql\", \"dependencies\": [\"1\", 2]}"},
          {"1_x.sql", "SELECT 1;\n"}},
         "invalid_input 1_x.json:1:71: a dependency must be a string, and this is a number\n"
         "  > Write it as [\"1.0.0\", \"postgresql:1.2.0\"].\n"},
        {"data migration in JSON",
         {{"1_x.json",
           "{\"version\": \"1\", \"database_type\": \"postgresql\", \"migration_type\": \"data\", "
           "\"target\": \"t\"}"},
          {"1_x.sql", "SELECT 1;\n"}},
         "not_supported 1_x.json:1:85: data migrations in JSON are not supported for PostgreSQL\n"
         "  > Write the change as SQL.\n"},
        {"script missing",
         {{"1_x.json", "{\"version\": \"1\", \"database_type\": \"postgresql\"}"}},
         "invalid_input 1_x.json: its script 1_x.sql is missing\n"
         "  > The JSON only describes the migration; write its statements into that file.\n"},
        {"rollback in JSON",
         {{"1_x.json", "{\"version\": \"1\", \"database_type\": \"postgresql\"}"},
          {"1_x.sql", "SELECT 1;\n"},
          {"1_x_rollback.json", "{\"operations\": []}"}},
         "invalid_input 1_x_rollback.json: the rollback of an SQL migration cannot stand in JSON\n"
         "  > Write it as SQL into 1_x_rollback.sql.\n"},
        {"JSON member unknown",
         {{"1_x.json", "{\"version\": \"1\", \"database_type\": \"postgresql\",\n \"depencies\": [\"0\"]}"}, {"1_x.sql", "SELECT 1;\n"}},
         "invalid_input 1_x.json:2:2: unknown member \"depencies\"\n"
         "  > Did you mean dependencies?\n"},
        {"JSON member of another kind",
         {{"1_x.json", "{\"database_type\": \"postgresql\", \"ticket\": 7}"}, {"1_x.sql", "SELECT 1;\n"}},
         "invalid_input 1_x.json:1:33: unknown member \"ticket\"\n"
         "  > Known are version, name, description, database_type, migration_type, dependencies, operations, "
         "rollback_operations, author, created_at, target, when, transform.\n"},
        {"JSON migration_type unknown",
         {{"1_x.json", "{\"database_type\": \"postgresql\", \"migration_type\": \"index\"}"}, {"1_x.sql", "SELECT 1;\n"}},
         "invalid_input 1_x.json:1:51: migration_type \"index\" is not known\n"
         "  > It is schema or data.\n"},
        {"JSON version of another file",
         {{"1.2.0_x.json", "{\"version\": \"1.3.0\", \"database_type\": \"postgresql\"}"}, {"1.2.0_x.sql", "SELECT 1;\n"}},
         "invalid_input 1.2.0_x.json:1:13: version is 1.3.0, but the file's name says 1.2.0\n"
         "  > Correct the one, or rename the files.\n"},
        {"down without up",
         {{"1_x.down.sql", "SELECT 1;\n"}},
         "invalid_input 1_x.down.sql: a down script without an up script\n"
         "  > Add the up script of the same version, or remove it.\n"},
        {"two downs",
         {{"1_x.up.sql", "SELECT 1;"}, {"1_x.down.sql", "SELECT 2;"}, {"1_y.down.sql", "SELECT 3;"}},
         "invalid_input 1_y.down.sql: a second down script; the first is 1_x.down.sql\n"
         "  > Keep one of the two.\n"},
        {"undo without version",
         {{"U1__x.sql", "SELECT 1;"}},
         "invalid_input U1__x.sql: a down script without an up script\n"
         "  > Add the up script of the same version, or remove it.\n"},
        {"undo besides a section",
         {{"V1__x.sql", "-- UP\nSELECT 1;\n-- DOWN\nSELECT 2;\n"}, {"U1__x.sql", "SELECT 2;"}},
         "invalid_input U1__x.sql: is a second down script; V1__x.sql has one from line 4 on\n"
         "  > Keep one of the two.\n"},
        {"rollback file besides a section",
         {{"1_x.sql", "SELECT 1;\n-- DOWN\nSELECT 2;\n"}, {"1_x_rollback.sql", "SELECT 2;"}},
         "invalid_input 1_x_rollback.sql: is a second down script; 1_x.sql has one from line 3 on\n"
         "  > Keep one of the two.\n"},
        {"diesel down without up",
         {{"2024-01-01-000000_x/down.sql", "SELECT 1;"}},
         "invalid_input 2024-01-01-000000_x/down.sql: a down script without an up script\n"
         "  > Add up.sql beside it, or remove it.\n"},
        {"diesel setting",
         {{"2024-01-01-000000_x/up.sql", "SELECT 1;"},
          {"2024-01-01-000000_x/metadata.toml", "run_in_transaction = maybe\n"}},
         "invalid_input 2024-01-01-000000_x/metadata.toml:1:1: \"maybe\" is no value for run_in_transaction\n"
         "  > Write true or false.\n"},
        {"goose without up",
         {{"1_x.sql", "-- +goose NO TRANSACTION\nSELECT 1;\n"}},
         "invalid_input 1_x.sql: a goose file without an up section\n"
         "  > Start it with a line `-- +goose Up`.\n"},
        {"goose statement before up",
         {{"1_x.sql", "-- +goose NO TRANSACTION\nSELECT 1;\n-- +goose Up\nSELECT 2;\n"}},
         "invalid_input 1_x.sql:2:1: this statement stands before the up section of line 3 and would never "
         "run\n"
         "  > Move it below the line that starts the up section.\n"},
        {"goose annotation unknown",
         {{"1_x.sql", "-- +goose Up\n-- +goose StatmentBegin\nSELECT 1;\n"}},
         "invalid_input 1_x.sql:2:1: unknown annotation \"+goose StatmentBegin\"\n"
         "  > Did you mean `-- +goose StatementBegin`?\n"},
        {"goose statement never ended",
         {{"1_x.sql", "-- +goose Up\n-- +goose StatementBegin\nSELECT 1;\n"}},
         "invalid_input 1_x.sql:2:1: `-- +goose StatementBegin` without its `-- +goose StatementEnd`\n"
         "  > Write `-- +goose StatementEnd` behind the statement, or remove the line.\n"},
        {"goose statement not ended in its section",
         {{"1_x.sql", "-- +goose Up\n-- +goose StatementBegin\nSELECT 1;\n-- +goose Down\nSELECT 2;\n-- +goose StatementEnd\n"}},
         "invalid_input 1_x.sql:2:1: `-- +goose StatementBegin` without its `-- +goose StatementEnd`\n"
         "  > Write `-- +goose StatementEnd` behind the statement, or remove the line.\n"},
        {"goose statement never begun",
         {{"1_x.sql", "-- +goose Up\nSELECT 1;\n-- +goose StatementEnd\n"}},
         "invalid_input 1_x.sql:3:1: `-- +goose StatementEnd` without a `-- +goose StatementBegin` before it\n"
         "  > Write `-- +goose StatementBegin` ahead of the statement, or remove the line.\n"},
        {"goose environment",
         {{"1_x.sql", "-- +goose Up\n-- +goose ENVSUB ON\nSELECT 1;\n"}},
         "invalid_input 1_x.sql:2:1: `-- +goose ENVSUB ON` is not supported: the text of a migration would "
         "depend on the environment\n"
         "  > Write the values into the file, and remove the line.\n"},
        {"dbmate option",
         {{"1_x.sql", "-- migrate:up transaction:no\nSELECT 1;\n"}},
         "invalid_input 1_x.sql:1:15: unknown option \"transaction:no\"\n"
         "  > The one option is transaction:false.\n"},
        {"dbmate marker",
         {{"1_x.sql", "-- migrate:up\nSELECT 1;\n-- migrate:donw\nSELECT 2;\n"}},
         "invalid_input 1_x.sql:3:1: unknown marker \"migrate:donw\"\n"
         "  > dbmate knows `-- migrate:up` and `-- migrate:down`.\n"},
        {"dbmate without up",
         {{"1_x.sql", "-- migrate:down\nSELECT 1;\n"}},
         "invalid_input 1_x.sql: a dbmate file without an up section\n"
         "  > Start it with a line `-- migrate:up`.\n"},
        {"placeholder",
         {{"V1__x.sql", "SELECT 1;\nGRANT ALL ON t TO ${app.user};\n"}},
         "invalid_input V1__x.sql:2:19: Flyway's placeholder ${app.user} has no value here\n"
         "  > Write the value into the file, or, where the text is meant as it stands, set "
         "placeholderReplacement=false in V1__x.sql.conf.\n"},
        {"sections in a repeatable",
         {{"R__x.sql", "-- UP\nSELECT 1;\n"}},
         "invalid_input R__x.sql:1:1: a repeatable migration has no sections\n"
         "  > Remove the line; a repeatable migration is run again, never reverted.\n"},
        {"Flyway setting unknown",
         {{"V1__x.sql", "SELECT 1;"}, {"V1__x.sql.conf", "executeInTransacton=false\n"}},
         "invalid_input V1__x.sql.conf:1:1: unknown setting \"executeInTransacton\"\n"
         "  > Did you mean executeInTransaction?\n"},
        {"Flyway setting no truth",
         {{"V1__x.sql", "SELECT 1;"}, {"V1__x.sql.conf", "# x\nexecuteInTransaction=no\n"}},
         "invalid_input V1__x.sql.conf:2:1: \"no\" is no value for executeInTransaction\n"
         "  > Write true or false.\n"},
        {"Flyway encoding",
         {{"V1__x.sql", "SELECT 1;"}, {"V1__x.sql.conf", "encoding=ISO-8859-1\n"}},
         "invalid_input V1__x.sql.conf:1:1: encoding ISO-8859-1 is not supported\n"
         "  > Save the script as UTF-8 and remove the setting.\n"},
        {"Flyway no setting",
         {{"V1__x.sql", "SELECT 1;"}, {"V1__x.sql.conf", "nonsense\n"}},
         "invalid_input V1__x.sql.conf:1:1: \"nonsense\" is no setting\n"
         "  > Write each setting as key=value.\n"},
        {"baseline alone",
         {{"B5__x.sql", "SELECT 1;"}},
         "invalid_input B5__x.sql: a baseline of Flyway is not supported\n"
         "  > Name it V… if the versions before it are gone.\n"},
    };
    return kFaults;
}

TEST(FormatFaults, AreToldWithPlaceAndRemedy) { test::expect_told(faults()); }

// A fault in one file does not hide those in others.
TEST(FormatFaults, AreAllTold) {
    const test::ScratchFolder folder;
    for (int i = 100; i < 125; ++i) folder.write(std::to_string(i) + "_x.sql", "-- UP\nSELECT 1;\n-- UP\n");
    folder.write("99_good.sql", "SELECT 1;\n");
    folder.write("000_nameless.sql", "SELECT 1;\n");
    folder.write("nameless.sql", "SELECT 1;\n");
    const Result<Folder> read =
        read_folder(folder.path().string(), {"main", Dialect::kPostgres, "migrations/"});
    ASSERT_FALSE(read.has_value());
    const Error& error = read.error();
    EXPECT_EQ(to_string(error.where), "migrations/100_x.sql:3:1");
    ASSERT_EQ(error.details.size(), 21U);
    EXPECT_EQ(error.details.front(),
              "migrations/101_x.sql:3:1: a second up section; the first starts in line 1");
    EXPECT_EQ(error.details.back(), "and 5 more");
}

}  // namespace
}  // namespace godwit
