"""Proves that the runner of transcripts fails where it must."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
FOLDER = HERE / 'selftest'


def run(folder, *words, **environment):
    clean = {name: value for name, value in os.environ.items() if name not in ('CI', 'GODWIT_REWRITE')}
    result = subprocess.run([sys.executable, HERE / 'run.py', '--folder', folder, *words],
                            env={**clean, **environment}, capture_output=True, text=True)
    return result.returncode, result.stdout


class RunnerTest(unittest.TestCase):
    def test_passes_what_is_right(self):
        status, output = run(FOLDER / 'good')
        self.assertEqual((status, output), (0, '1 passed, 0 failed, 0 skipped\n'))

    def test_fails_each_bad_transcript(self):
        for path in sorted((FOLDER / 'bad').glob('*.test')):
            with self.subTest(path.stem):
                status, output = run(FOLDER / 'bad', path.stem)
                self.assertEqual(status, 1, output)
                self.assertTrue(output.endswith('\n0 passed, 1 failed, 0 skipped\n'), output)

    def test_skips_loudly_and_fails_in_continuous_integration(self):
        status, output = run(FOLDER / 'skip')
        self.assertEqual(status, 0)
        self.assertIn('no-such-program-anywhere is not installed', output)
        self.assertTrue(output.endswith('0 passed, 0 failed, 1 skipped\n'))
        self.assertEqual(run(FOLDER / 'skip', CI='true')[0], 1)

    def test_an_empty_suite_fails(self):
        self.assertEqual(run(FOLDER / 'good', 'no such name')[0], 1)

    def test_rewrites_what_is_expected(self):
        for name in ('differing_line', 'missing_output', 'wrong_status', 'no_newline', 'trailing_blank'):
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                shutil.copy(FOLDER / 'bad' / f'{name}.test', folder)
                self.assertEqual(run(folder, GODWIT_REWRITE='1')[0], 0)
                self.assertEqual(run(folder)[0], 0)


if __name__ == '__main__':
    unittest.main()
