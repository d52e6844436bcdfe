"""Memory does not grow with the batch: a million records, each with its partner among a million of a
second source that stand in another order."""

import os
import resource
import threading
import unittest

import kpd_test_kit as kit

COUNT = 1_000_000
MEMORY = 256 * 1024 * 1024  # bytes of address space, libraries and all

HEADER = ("record_id;product;client_id;pan;psn;effective;expiry;name;service_code;country;currency;"
          "language;pin_block;limit_lower;limit_upper;issue;branch;emboss_line4\n")
REST = ";00;261101;2909;PETROVA/OLGA;201;826;826;en;459175225D378AAE;5000;50000;01;587472;ACME TOOLS\n"
PREFIX = "476173"
DOUBLED = str.maketrans("0123456789", "0246813579")


def luhn_sum(digits, doubled_first):
    """What digits add to the check sum; `doubled_first`: the last of them counts double."""
    double, plain = digits[::-2], digits[-2::-2]
    if not doubled_first:
        double, plain = plain, double
    return sum(map(int, double.translate(DOUBLED))) + sum(map(int, plain))


# Nine digits follow the prefix, of which the first three are 0 here; the last one counts double.
PREFIX_SUM = luhn_sum(PREFIX, False)
ODD = [luhn_sum(f"{number:03d}", True) for number in range(1000)]
EVEN = [luhn_sum(f"{number:03d}", False) for number in range(1000)]


def pan_of(record):
    total = PREFIX_SUM + EVEN[record // 1000 % 1000] + ODD[record % 1000]
    return f"{PREFIX}{record:09d}{-total % 10}"


def lacks_partner(record):
    return record % 1000 == 998


def is_twin(record):
    """Whether the record has the PAN of one half as far from the start."""
    return record % 1000 == 999


def cards():
    yield HEADER
    for record in range(COUNT):
        pan = pan_of(record // 1000 * 500 if is_twin(record) else record)
        yield f"{record:08d};VISA-CLASSIC;C{record:09d};{pan}{REST}"


def members():
    yield "client,member_no,tier,points\n"
    for place in range(COUNT):
        record = place * 104729 % COUNT  # a prime: each comes once
        if not lacks_partner(record):
            yield f"C{record:09d},L{place:09d},GOLD,{place % 10000}\n"


class Million(kit.AreaTest):
    def feed(self, name, lines):
        """Makes an input that is written while it is read."""
        path = self.area.folder / "data" / name
        path.unlink()
        os.mkfifo(path)

        def write():
            with open(path, "w", encoding="ascii") as pipe:
                pipe.writelines(lines())

        threading.Thread(target=write, daemon=True).start()

    def test_a_million_cards_with_a_million_partners_take_a_bounded_memory(self):
        self.feed("loyalty.csv", members)
        self.feed("cards.csv", cards)

        def limit():
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

        with open(os.devnull, "wb") as nowhere:
            process = self.area.start("ingest", self.area.job, stdout=nowhere, stderr=kit.subprocess.PIPE,
                                      preexec_fn=limit)
            _, told = process.communicate(timeout=kit.PATIENCE)
        self.assertEqual(process.returncode, kit.DONE, told)
        rejects = 2 * COUNT // 1000
        self.assertIn(f"ingest: {COUNT} read, {COUNT - rejects} on, {rejects} rejected", told.decode())


if __name__ == "__main__":
    unittest.main()
