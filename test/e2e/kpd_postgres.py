"""A PostgreSQL server of a test's own: a folder of its own, a Unix socket alone, gone at the end.

    with Postgres() as db:
        db.run("CREATE TABLE cards (pan text)")
        ... db.connect  # "postgresql://host=... user=kpd dbname=cards"

Run as a program it prints db.connect and serves until its input ends. Then SQL may come, a
statement a line, each answered by a line "done"; the line "stop" kills the server at once.
"""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PATIENCE = 60  # seconds


def programs():
    """The folder of the newest server's programs (Debian keeps them out of the path)."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"),
                   key=lambda program: int(program.parts[4]))
    if found:
        return found[-1].parent
    server = shutil.which("postgres")
    if server is None:
        raise AssertionError("no PostgreSQL server is installed")
    return Path(server).parent


def end_with_parent():
    """Of a child: whatever ends the test ends the server."""
    parent_death_signal = 1  # PR_SET_PDEATHSIG of prctl(2)
    ctypes.CDLL(None).prctl(parent_death_signal, signal.SIGQUIT)


class Postgres:
    """A server between __enter__ and __exit__."""

    def __init__(self):
        self.folder = None
        self._server = None

    @property
    def connect(self):
        """As a job's `connect` names the database."""
        return f"postgresql://host={self.folder} user=kpd dbname=cards"

    def __enter__(self):
        # The path of a socket is short: not below whatever TMPDIR says.
        self.folder = Path(tempfile.mkdtemp(prefix="kpd-pg-", dir="/tmp"))
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, sql):
        """Runs statements; gives what they print."""
        return self._run("psql", "-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", "-h", self.folder,
                         "-U", "kpd", "-d", "cards", "-f", "-", stdin=sql)

    def load(self, table, columns, rows):
        """Makes a table of text columns with these rows, in their order (column `ordinal`)."""
        names = ", ".join(f'"{column}"' for column in columns)
        texts = ", ".join(f'"{column}" text' for column in columns)
        values = "".join("\t".join(value.replace("\\", "\\\\").replace("\t", "\\t") for value in row)
                         + "\n" for row in rows)
        self.run(f'CREATE TABLE "{table}" (ordinal serial, {texts});\n'
                 f'COPY "{table}" ({names}) FROM stdin;\n{values}\\.\n')

    def stop(self):
        """Ends the server as a power cut does."""
        if self._server is None:
            return
        self._server.send_signal(signal.SIGQUIT)  # its children too, without a goodbye
        self._server.wait(PATIENCE)
        self._server = None

    def _start(self):
        self._user = {}
        if os.geteuid() == 0:  # the server refuses to run as root
            nobody = pwd.getpwnam("nobody")
            os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
            self._user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        data = self.folder / "data"
        self._run("initdb", "-D", data, "-U", "kpd", "-A", "trust", "-E", "UTF8", "--locale=C",
                  "--no-sync")
        settings = {"listen_addresses": "", "unix_socket_directories": self.folder, "fsync": "off",
                    "shared_buffers": "16MB", "max_connections": "10"}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with open(self.folder / "log", "wb") as log:
            self._server = subprocess.Popen([programs() / "postgres", "-D", data, *options],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            cwd=self.folder, preexec_fn=end_with_parent, **self._user)
        end = time.monotonic() + PATIENCE
        while True:
            try:
                self._run("createdb", "-h", self.folder, "-U", "kpd", "cards")
                return
            except AssertionError:
                if self._server.poll() is not None or time.monotonic() > end:
                    raise AssertionError((self.folder / "log").read_text()) from None
                time.sleep(0.05)

    def _run(self, program, *arguments, stdin=""):
        result = subprocess.run([programs() / program, *map(str, arguments)], input=stdin.encode(),
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.folder,
                                check=False, timeout=PATIENCE, **self._user)
        if result.returncode != 0:
            raise AssertionError(f"{program}: {result.stderr.decode(errors='replace')}")
        return result.stdout.decode()


def main():
    with Postgres() as database:
        print(database.connect, flush=True)
        for line in sys.stdin:
            if line.strip() == "stop":
                database.stop()
            else:
                database.run(line)
            print("done", flush=True)


if __name__ == "__main__":
    main()
