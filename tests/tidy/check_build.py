"""Fails when a source file or a test is in no build, so that none rots unseen.

Usage: check_build.py SOURCE BUILD
"""
import json
import pathlib
import sys


def main(source, build):
    source = pathlib.Path(source).resolve()
    compiled = {pathlib.Path(entry['directory'], entry['file']).resolve()
                for entry in json.loads((pathlib.Path(build) / 'compile_commands.json').read_text())}
    # Fuzz targets are compiled by their own preset.
    elsewhere = (source / 'tests/fuzz',)
    problems = [f'{path.relative_to(source)}: is compiled by nothing'
                for folder in ('src', 'tests') for path in sorted((source / folder).rglob('*.cpp'))
                if path not in compiled and not any(parent in path.parents for parent in elsewhere)]
    suites = {path.name for path in (source / 'tests').iterdir() if path.is_dir() and any(path.glob('*_test.cpp'))}
    listed = {entry.parent.name for entry in compiled if entry.name.endswith('_test.cpp')}
    problems += [f'tests/{name}: is in no test program' for name in sorted(suites - listed)]
    strays = [path for path in source.rglob('*.test') if 'transcripts' not in path.parts and 'build' not in path.parts]
    problems += [f'{path.relative_to(source)}: is where the runner does not look' for path in strays]
    print('\n'.join(problems) or f'{len(compiled)} files are compiled')
    return bool(problems)


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
