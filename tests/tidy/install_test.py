"""Installs a build into an empty folder and uses it as a stranger would.

Usage: install_test.py BUILD SOURCE COMPILER FLAGS
"""
import pathlib
import sqlite3
import subprocess
import sys
import tempfile
import unittest

BUILD, SOURCE, COMPILER, FLAGS = sys.argv[1:5]
MIGRATIONS = pathlib.Path(SOURCE) / 'examples/quickstart/migrations'


def run(*command, **options):
    result = subprocess.run(list(map(str, command)), capture_output=True, text=True, **options)
    if result.returncode:
        raise AssertionError(f'{command} ended with {result.returncode}:\n{result.stdout}{result.stderr}')
    return result.stdout


class InstallTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.root = pathlib.Path(cls.temporary.name)
        cls.prefix = cls.root / 'prefix'
        run('cmake', '--install', BUILD, '--prefix', cls.prefix)

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def build(self, example):
        folder = self.root / example.name
        run('cmake', '-S', example, '-B', folder, '-G', 'Ninja', f'-DCMAKE_PREFIX_PATH={self.prefix}',
            f'-DCMAKE_CXX_COMPILER={COMPILER}', f'-DCMAKE_CXX_FLAGS={FLAGS}')
        run('cmake', '--build', folder)
        return folder

    def test_the_program_runs_where_it_is_installed(self):
        self.assertTrue(run(self.prefix / 'bin/godwit', '--version').startswith('godwit '))

    def test_modules_are_beside_the_library(self):
        built = {path.name for path in (pathlib.Path(BUILD) / 'lib/godwit').glob('*.so')}
        installed = {path.name for path in self.prefix.glob('lib/**/godwit/*.so')}
        self.assertEqual(built, installed)

    def test_insides_are_not_installed(self):
        headers = {str(path.relative_to(self.prefix / 'include/godwit'))
                   for path in self.prefix.glob('include/godwit/**/*.h')}
        self.assertIn('target/target.h', headers)
        self.assertEqual([], [name for name in headers if name.startswith(
            ('app/', 'net/', 'target/sqlite/', 'target/postgres/', 'target/memory/'))])

    def test_the_worked_example_migrates_a_database(self):
        folder = self.build(pathlib.Path(SOURCE) / 'examples/library')
        database = self.root / 'library.db'
        output = run(folder / 'library', f'sqlite:{database}', MIGRATIONS, cwd=self.root)
        versions = ('20250101_090000', '20250102_090000', '20250103_090000')
        self.assertEqual(output.splitlines(), [f'{version} pending' for version in versions] +
                         [f'up {version}' for version in versions] + [f'down {versions[-1]}'])
        with sqlite3.connect(database) as connection:
            self.assertEqual(connection.execute('SELECT count(*) FROM authors').fetchone(), (0,))
            self.assertEqual(connection.execute('SELECT version FROM schema_migrations ORDER BY 1').fetchall(),
                             [(version,) for version in versions[:2]])


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1], verbosity=2)
