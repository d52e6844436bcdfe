"""What the tests of keys share: a terminal for ceremonies, the audit log's chain, key lists."""

import fcntl
import hashlib
import json
import os
import pty
import select
import time

import kpd_test_kit as kit


def at_terminal(arguments, pin, answers, patience=120):
    """Runs the program on a terminal of its own, its PIN through a descriptor. answers: pairs of a
    prompt and what is typed when it comes, in their order. Returns exit code and all that was to be
    seen."""
    reading, writing = os.pipe()
    os.write(writing, pin.encode() + b"\n")
    os.close(writing)
    os.set_inheritable(reading, True)
    command = [kit.KPD, *map(str, arguments), "--pin-fd", str(reading)]
    child, terminal = pty.fork()
    if child == 0:
        os.execv(kit.KPD, command)
    os.close(reading)
    seen, at = b"", 0
    waiting = list(answers)
    end = time.monotonic() + patience
    while time.monotonic() < end:
        ready, _, _ = select.select([terminal], [], [], 1)
        if not ready:
            continue
        try:
            piece = os.read(terminal, 4096)
        except OSError:
            break
        if not piece:
            break
        seen += piece
        while waiting and (found := seen.find(waiting[0][0].encode(), at)) >= 0:
            at = found + len(waiting[0][0].encode())
            answer = waiting.pop(0)[1]
            os.write(terminal, (answer(seen) if callable(answer) else answer).encode() + b"\n")
    os.close(terminal)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), seen.decode(errors="replace")


def audit(area):
    """The entries of an area's audit log, its chain checked."""
    previous = "0" * 64
    entries = []
    for line in (area.folder / "audit.jsonl").read_bytes().splitlines():
        entry = json.loads(line)
        if entry["previous"] != previous:
            raise AssertionError(f"the chain breaks before {line!r}")
        previous = hashlib.sha256(line).hexdigest().upper()
        entries.append(entry)
    return entries


def keys_of(area, *options, party="preparation"):
    result = area.run("key", "list", "--area", area.folder, "--party", party, "--json", *options)
    if result.code != kit.DONE:
        raise AssertionError(result.err)
    return result.json()["keys"]


def state_of(area):
    """All that a refused command may not have changed."""
    return [(key["label"], key["kcv"], key["standing"], key.get("state")) for key in
            keys_of(area, "--all")]


class HeldAudit:
    """Nobody writes to the audit log meanwhile: a command stands still between token and register."""

    def __init__(self, area):
        self._file = open(area.folder / "audit.jsonl", "ab")

    def __enter__(self):
        fcntl.flock(self._file, fcntl.LOCK_EX)
        return self

    def __exit__(self, *_):
        self._file.close()
