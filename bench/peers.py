"""Installs the tools that godwit is measured against, each once, into a folder.

Each is optional: one that cannot be had is said in one line and left out.
"""
import os
import pathlib
import shutil
import subprocess

VERSIONS = {'goose': '3.29.0', 'golang-migrate': '4.20.1', 'dbmate': '2.36.0', 'flyway': '12.5.0', 'alembic': '1.20.1'}

FLYWAY_POM = '''\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>bench</groupId><artifactId>flyway</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.flywaydb</groupId><artifactId>flyway-commandline</artifactId><version>{version}</version>
      <exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions></dependency>
    <dependency><groupId>org.flywaydb</groupId><artifactId>flyway-core</artifactId><version>{version}</version></dependency>
    <dependency><groupId>org.flywaydb</groupId><artifactId>flyway-database-postgresql</artifactId><version>{version}</version></dependency>
    <dependency><groupId>tools.jackson.dataformat</groupId><artifactId>jackson-dataformat-toml</artifactId><version>3.0.3</version></dependency>
    <dependency><groupId>com.google.code.gson</groupId><artifactId>gson</artifactId><version>2.13.2</version></dependency>
    <dependency><groupId>org.fusesource.jansi</groupId><artifactId>jansi</artifactId><version>2.4.2</version></dependency>
    <dependency><groupId>org.postgresql</groupId><artifactId>postgresql</artifactId><version>42.7.8</version></dependency>
    <dependency><groupId>org.xerial</groupId><artifactId>sqlite-jdbc</artifactId><version>3.50.3.0</version></dependency>
  </dependencies>
</project>
'''


class Unavailable(Exception):
    pass


def call(folder, *command, **environment):
    """Runs an installer; its output is kept in `folder`/install.log."""
    if not shutil.which(command[0]):
        raise Unavailable(f'{command[0]} is not installed')
    with open(folder / 'install.log', 'ab') as log:
        result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                                env={**os.environ, **environment}, timeout=1800)
    if result.returncode:
        last = (folder / 'install.log').read_text(errors='replace').strip().splitlines()[-1:]
        raise Unavailable(f"{' '.join(command[:3])} failed: {' '.join(last)}")


def go_install(folder, package, tags=''):
    home = {} if os.environ.get('HOME') else {'GOPATH': str(folder / 'go'), 'GOCACHE': str(folder / 'go-cache')}
    call(folder, 'go', 'install', *(['-tags', tags] if tags else []), package, GOBIN=str(folder), **home)


def install_goose(folder, version):
    go_install(folder, f'github.com/pressly/goose/v3/cmd/goose@v{version}',
               'no_clickhouse no_libsql no_mssql no_mysql no_vertica no_ydb')


def install_golang_migrate(folder, version):
    go_install(folder, f'github.com/golang-migrate/migrate/v4/cmd/migrate@v{version}', 'postgres sqlite3')


def install_dbmate(folder, version):
    call(folder, 'npm', 'install', '--prefix', str(folder), '--no-audit', '--no-fund', f'dbmate@{version}')
    # npm's entry point starts a Node.js; the program itself is in a package of its own.
    for program in folder.glob('node_modules/@dbmate/*/bin/dbmate'):
        (folder / 'dbmate').symlink_to(program)
        return
    raise Unavailable('its npm package holds no program for this machine')


def install_flyway(folder, version):
    if not shutil.which('java'):
        raise Unavailable('java is not installed')
    (folder / 'pom.xml').write_text(FLYWAY_POM.format(version=version))
    call(folder, 'mvn', '-q', '-B', '-f', str(folder / 'pom.xml'), 'dependency:copy-dependencies',
         f'-DoutputDirectory={folder}/lib')


def install_alembic(folder, version):
    call(folder, 'python3', '-m', 'venv', str(folder / 'venv'))
    call(folder, str(folder / 'venv/bin/pip'), 'install', '-q', f'alembic=={version}', 'psycopg2-binary')


INSTALLERS = {'goose': install_goose, 'golang-migrate': install_golang_migrate, 'dbmate': install_dbmate,
              'flyway': install_flyway, 'alembic': install_alembic}


def install(root, name):
    """The folder that holds peer `name`. Raises Unavailable."""
    folder = pathlib.Path(root) / f'{name}-{VERSIONS[name]}'
    if (folder / 'complete').exists():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        INSTALLERS[name](folder, VERSIONS[name])
    except subprocess.TimeoutExpired as error:
        raise Unavailable('installing took too long') from error
    (folder / 'complete').touch()
    return folder
