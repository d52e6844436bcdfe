"""Back offices' files and databases that are broken or hostile: a reject or a clear end, in little memory,
and never a word of a card's data on the way."""

import json
import re
import sqlite3
import unittest

import hostile
import kpd_test_kit as kit
from kpd_postgres import Postgres

WIDTHS = {"record_id": 8, "product": 12, "client_id": 10, "pan": 19, "psn": 2, "effective": 6,
          "expiry": 4, "name": 26, "service_code": 3, "country": 3, "currency": 3, "language": 2,
          "pin_block": 16, "limit_lower": 12, "limit_upper": 12, "issue": 2, "branch": 6,
          "emboss_line4": 27}
MEGABYTE = 1 << 20


class BadLines(hostile.HostileTest):
    """CSV."""

    def lines(self):
        return [";".join(line).encode() for line in [self.columns] + [row.values() for row in self.rows]]

    def run_lines(self, lines, *changes):
        self.write("cards.csv", b"\n".join(lines) + b"\n")
        return self.run_job(*changes)

    def test_a_record_in_the_place_of_the_header_is_not_shown(self):
        self.refused(self.run_lines(self.lines()[1:]), kit.USAGE, "no column is called 'record_id'",
                     "does the file have a header")

    def test_another_delimiter_is_asked_for(self):
        self.refused(self.run_lines([line.replace(b";", b",") for line in self.lines()]), kit.USAGE,
                     r"cards\.csv: no column .*is the delimiter as the job says")
        self.rejected(self.run_lines([line.replace(b";", b"|") for line in self.lines()],
                                     ('delimiter: ";"', 'delimiter: "|"')), {})

    def test_a_header_of_a_million_names_is_told_in_a_few(self):
        lines = self.lines()
        lines[0] = lines[0].replace(b"pan", b"number") + b";x" * 400_000
        result = self.run_lines(lines)
        self.refused(result, kit.USAGE, "no column is called 'pan'", "record_id, product")
        self.assertLess(len(result.err), 2000)

    def test_a_byte_order_mark_is_no_part_of_a_name(self):
        lines = self.lines()
        self.rejected(self.run_lines([b"\xef\xbb\xbf" + lines[0]] + lines[1:]), {})

    def test_bytes_of_another_encoding_cost_their_record(self):
        lines = self.lines()
        lines[2] = lines[2].replace(b"/", b"/\xc4")
        self.rejected(self.run_lines(lines), {3: "encoding"}, [self.rows[0]] + self.rows[2:])
        lines = [line.decode("latin-1").encode("utf-16") for line in self.lines()]
        self.refused(self.run_lines(lines), kit.USAGE, "first line must name the columns, but")

    def test_a_line_of_100_megabytes_is_one_reject(self):
        lines = self.lines()
        for part in (b"x" * MEGABYTE, b";" * MEGABYTE, b'";' * (MEGABYTE // 2)):
            with self.subTest(part=part[:2]):
                self.stream("cards.csv", [lines[0] + b"\n", *[part] * 100, b"\n",
                                          b"\n".join(lines[1:]), b"\n"])
                self.rejected(self.run_job(), {2: "record-size"})

    def test_nothing_but_quotes_is_nothing_but_rejects(self):
        lines = self.lines()
        quotes = 20_000
        result = self.run_lines(lines[:1] + [b'x;"y'] * quotes + lines[1:])
        self.assertEqual(self.expect(result, kit.DONE).json()["rejects_by_fault"], {"csv-quote": quotes})
        self.assertEqual(result.json()["prepared"], len(self.rows))

    def test_columns_that_changed_places_show_no_pan(self):
        for first, second in (("record_id", "pan"), ("product", "pan"), ("client_id", "pan"),
                              ("branch", "pan"), ("name", "pan"), ("language", "name"),
                              ("limit_lower", "pin_block"), ("emboss_line4", "pan")):
            with self.subTest(first=first, second=second):
                changed = [{"record_id": second, first: second, second: first}.get(column, column)
                           if column in (first, second) else column for column in self.columns]
                lines = [";".join(changed).encode()] + self.lines()[1:]
                result = self.expect(self.run_lines(lines), kit.DONE).json()
                self.assertEqual(result["prepared"], 0)


class BadFixed(hostile.HostileTest):
    def run_lines(self, lines, more="", widths=None):
        self.write("cards.fixed", b"\n".join(lines))
        columns = ", ".join(f"{name}: {width}" for name, width in (widths or WIDTHS).items())
        return self.run_job((hostile.SOURCE, "source: {format: fixed, file: data/cards.fixed, "
                             f"columns: {{{columns}}}{more}}}"))

    def lines(self):
        return ["".join(row[name].ljust(width) for name, width in WIDTHS.items()).encode()
                for row in self.rows]

    def test_lines_too_short_or_too_long_cost_themselves(self):
        lines = self.lines()
        bad = [lines[0][:-1], lines[1] + b" ", b" ", lines[2].replace(b"/", b"\0"),
               lines[3].replace(b"/", b"\xff"), b"x" * MEGABYTE * 20]
        self.rejected(self.run_lines(bad + lines),
                      {1: "length", 2: "length", 3: "length", 4: "nul", 5: "encoding", 6: "record-size"})

    def test_records_without_line_ends_may_end_too_early(self):
        more = ", line_ends: false, encoding: iso-8859-1"
        lines = self.lines()
        self.rejected(self.run_lines([b"".join(lines) + lines[0][:100]], more), {5: "length"})

    def test_widths_that_cannot_be_are_mistakes_of_the_job(self):
        for width, text in ((0, "0 is not within"), (-1, "'-1' is not a whole number"),
                            (1 << 30, "is not within"), (MEGABYTE, "1048576 characters at most")):
            with self.subTest(width=width):
                result = self.run_lines([], widths=dict(WIDTHS, name=width))
                self.refused(result, kit.USAGE, r"job\.yaml:\d+:\d+: intake\.source", text)
                self.assertEqual(result.err.count("\n"), 1, result.err)


class BadJson(hostile.HostileTest):
    def run_lines(self, lines):
        self.write("cards.jsonl", b"\n".join(lines) + b"\n")
        return self.run_job((hostile.SOURCE, "source: {format: jsonl, file: data/cards.jsonl}"))

    def test_no_line_costs_more_than_itself(self):
        good = [json.dumps(row).encode() for row in self.rows]
        bad = {
            "depth": [b'{"a":' * 100_000 + b"1" + b"}" * 100_000, b'{"a":' + b"[" * 1_000_000],
            "twice": [good[0][:-1] + b', "pan": "1"}', good[0][:-1] + b', "x": 1, "x": 2}'],
            "nested": [good[0].replace(b'"00"', b'{"psn": "00"}')],
            "json": [b"[" * 100_000, b"null", b'""', b"{", b'{"a": 1e999999}', b'{"a": "\\ud800"}',
                     b'{"a": tru}', good[0] + b" {}"],
            "encoding": [b'{"a": "\xff"}'],
            "record-size": [b'{"a": "' + b"x" * MEGABYTE + b'"}'],
            "nul": [good[0].replace(b"/", b"\\u0000")],
            "length": [good[0].replace(b'"pan": "', b'"pan": ' + number + b', "p": "')
                       for number in (b"-1", b"1.5e3", b"9" * 100)],
        }
        lines, faults = [], {}
        for fault, parts in bad.items():
            for part in parts:
                lines.append(part)
                faults[len(lines)] = fault
        self.rejected(self.run_lines(lines + good), faults)


class BadXml(hostile.HostileTest):
    XML = (hostile.SOURCE, "source: {format: xml, file: data/cards.xml, record: card}")

    def card(self, row):
        return ("<card>" + "".join(f"<{name}><![CDATA[{row[name]}]]></{name}>" for name in self.columns) +
                "</card>\n").encode()

    def cards(self):
        return b"".join(self.card(row) for row in self.rows)

    def run_document(self, content):
        self.write("cards.xml", content)
        return self.run_job(self.XML)

    def test_three_gigabytes_leave_memory_flat(self):
        # What no column wants is passed over; the cards before, between and behind it come out.
        filler = b"<history>" + b"x" * (MEGABYTE - 19) + b"</history>"

        def document():
            yield b"<cards>" + self.card(self.rows[0])
            for part in range(3):
                for _ in range(1024):
                    yield filler
                yield self.card(self.rows[part + 1])
            yield b"</cards>"

        self.stream("cards.xml", document())
        self.rejected(self.run_job(self.XML), {})

    def test_entities_are_refused(self):
        secret = self.area.folder / "secret.txt"
        secret.write_text("SECRETFILE")
        lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
        card = self.cards().decode()
        for declaration, use in ((f'[<!ENTITY l0 "lol">{lol}]', "&l9;"),
                                 (f'[<!ENTITY x SYSTEM "file://{secret}">]', "&x;"),
                                 ('SYSTEM "http://localhost/cards.dtd"', ""),
                                 (f'[<!ENTITY % x SYSTEM "file://{secret}"> %x;]', ""),
                                 ('[<!ATTLIST card psn CDATA "01">]', "")):
            with self.subTest(declaration=declaration[:30]):
                result = self.run_document(f"<!DOCTYPE cards {declaration}>\n<cards>{card}{use}</cards>")
                self.refused(result, kit.IO, r"cards\.xml:1:\d+: .*take the DOCTYPE out")
                self.assertNotIn("SECRETFILE", result.err)

    def test_a_broken_document_ends_the_batch_with_its_place(self):
        cards = self.cards()
        for text, told in ((b"<cards>" + cards + b"&x;</cards>", "5:1: .*undefined entity"),
                           (b"<cards>" + cards + b"<card>", "no element found"),
                           (b"<cards>" + cards + b"</card>", "mismatched tag"),
                           (b"<cards>" + cards.replace(b"/", b"\0", 1), "1:"),
                           (b"<cards>" + cards.replace(b"[CDATA[", b"[CDATA[\xc4", 1), "1:"),
                           (b'<?xml version="1.0" encoding="klingon"?><cards/>', "unknown encoding"),
                           (cards, "junk after document"), (b"", "no element found")):
            with self.subTest(told=told):
                self.refused(self.run_document(text), kit.IO, r"cards\.xml:\d+:\d+: ", told)

    def test_what_has_no_end_is_given_up(self):
        cards = self.cards()
        endless = [b"x" * MEGABYTE] * 10
        for parts, told in (([b"<b>" * 1_000_000], "more than 32 levels"),
                            ([b"<!--"] + endless, "longer than 1 MiB"),
                            ([b'<card pan="'] + endless, "longer than 1 MiB"),
                            ([b"<"] + endless, "longer than 1 MiB"),
                            ((b"<n%d/>" % n for n in range(300_000)), "names of elements"),
                            ([b"<card ", b" ".join(b'a%d="1"' % n for n in range(60_000)), b"/>"],
                             "names of elements or attributes")):
            with self.subTest(told=told):
                self.stream("cards.xml", [b"<cards>", cards, *parts, b"</cards>"])
                self.refused(self.run_job(self.XML), kit.IO, told)

    def test_a_record_of_any_size_costs_itself(self):
        text = b"x" * MEGABYTE
        self.stream("cards.xml", [b"<cards><card><name>", *[text] * 50, b"</name></card>", self.cards(),
                                  b"</cards>"])
        self.rejected(self.run_job(self.XML), {1: "record-size"})
        nested = b"<card>" + self.card(self.rows[0]).strip() + b"</card>\n"
        twice = self.card(self.rows[0]).replace(b"<psn>", b"<psn>01</psn><psn>")
        result = self.run_document(b"<cards>\n" + nested + twice + self.cards() + b"</cards>")
        self.rejected(result, {2: "missing", 3: "twice"})


class BadDatabases(hostile.HostileTest):
    def run_query(self, query, connect="sqlite3://data/cards.db"):
        return self.run_job((hostile.SOURCE, f'source: {{format: sql, connect: "{connect}", '
                             f"query: {json.dumps(query)}}}"))

    def database(self, rows=None):
        path = self.area.folder / "data/cards.db"
        path.unlink(missing_ok=True)
        self.addCleanup(path.unlink, missing_ok=True)
        database = sqlite3.connect(path)
        database.execute(f"CREATE TABLE cards ({', '.join(self.columns)})")
        database.executemany(f"INSERT INTO cards VALUES ({', '.join('?' * len(self.columns))})",
                             [list(row.values()) for row in rows or self.rows])
        database.commit()
        database.close()
        return path

    def test_what_is_no_database_is_told(self):
        self.database()
        everything = "SELECT * FROM cards"
        for connect, code, told in (("data/none.db", kit.IO, r"none\.db: the input file cannot be opened"),
                                    ("data", kit.IO, "cannot be read"),
                                    ("data/cards.csv", kit.IO, "file is not a database"),
                                    ("data/cards.db?mode=rw", kit.IO, "cannot be opened")):
            with self.subTest(connect=connect):
                self.refused(self.run_query(everything, f"sqlite3://{connect}"), code, told)

    def test_a_query_that_cannot_be_is_told(self):
        path = self.database()
        before = path.read_bytes()
        for query, told in (("SELECT * FROM card", "no such table: card"),
                            ("SELECT * FRM cards", "syntax error"),
                            ("SELECT * FROM cards; DROP TABLE cards", "one statement, without ';'"),
                            ("DROP TABLE cards", "begins with SELECT or WITH"),
                            ("WITH x AS (SELECT 1) DELETE FROM cards", "readonly|gives no columns"),
                            ("SELECT * FROM cards WHERE pan = :pan", "has no parameters"),
                            ("SELECT *, pan FROM cards", "column 'pan' stands there twice"),
                            ("SELECT record_id FROM cards", "no column is called 'product'"),
                            ("SELECT *, abs(-9223372036854775808) FROM cards", "integer overflow")):
            with self.subTest(query=query):
                self.refused(self.run_query(query), kit.USAGE, told)
        self.assertEqual(path.read_bytes(), before)

    def test_a_database_that_breaks_in_mid_read_leaves_no_cards(self):
        path = self.database(self.rows * 100)
        content = path.read_bytes()
        path.write_bytes(content[:len(content) // 2])
        self.refused(self.run_query("SELECT * FROM cards"), kit.IO, "malformed")
        path.write_bytes(content[:8192] + b"\xff" * (len(content) - 8192))
        self.refused(self.run_query("SELECT * FROM cards"), kit.IO, "malformed")

    def test_values_of_any_size_take_little_memory(self):
        self.database()
        query = "SELECT *, hex(zeroblob({} * (record_id = '%s'))) AS x FROM cards" % self.rows[1]["record_id"]
        self.rejected(self.run_query(query.format(2 * MEGABYTE)), {2: "record-size"},
                      [self.rows[0]] + self.rows[2:])
        self.refused(self.run_query(query.format(100 * MEGABYTE)), kit.IO, "too big")

    def test_values_that_are_no_text_cost_their_record(self):
        self.database()
        query = "SELECT *, iif(record_id = '%s', %s, '') AS x FROM cards"
        for value, fault in (("x'00'", "nul"), ("x'ff'", "encoding"), ("char(0)", "nul")):
            with self.subTest(value=value):
                result = self.run_query(query % (self.rows[1]["record_id"], value))
                self.rejected(result, {2: fault}, [self.rows[0]] + self.rows[2:])

    def test_a_server_that_dies_in_mid_batch_leaves_no_cards_and_the_next_run_is_whole(self):
        with Postgres() as database:
            database.load("cards", self.columns, [list(row.values()) for row in self.rows])
            database.run("CREATE TABLE state (ill boolean); INSERT INTO state VALUES (true);"
                         "CREATE FUNCTION go(n int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN "
                         "IF n > 1000 AND (SELECT ill FROM state) THEN "
                         "PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN n; END $$")
            query = ("SELECT c.*, go(n) FROM generate_series(1, 2000) n JOIN cards c "
                     "ON c.ordinal = CASE WHEN n <= 4 THEN n ELSE 1 END ORDER BY n")
            self.refused(self.run_query(query, database.connect), kit.AWAY, "the database went away",
                         "start again")
            database.run("UPDATE state SET ill = false")
            result = self.expect(self.run_query(query, database.connect), kit.DONE).json()
            self.assertEqual((result["prepared"], result["rejects_by_fault"]), (4, {"duplicate": 1996}))
            self.refused(self.run_query("SELECT * FROM card", database.connect), kit.USAGE,
                         "refuses the query")
            self.refused(self.run_query("SELECT *, 1 / (ordinal - 3) FROM cards", database.connect),
                         kit.USAGE, r"refuses the query \(SQLSTATE 22012\)")
            database.run("CREATE FUNCTION tell(pan text) RETURNS int LANGUAGE plpgsql AS $$ BEGIN "
                         "RAISE EXCEPTION 'the card %', pan; END $$")
            self.refused(self.run_query("SELECT *, tell(pan) FROM cards", database.connect), kit.AWAY)


class BadFiles(hostile.HostileTest):
    def test_a_source_that_is_no_file_is_named(self):
        for file in ("data/none.csv", "data", "data/cards.csv/x"):
            for name in ("data/cards.csv", "data/loyalty.csv"):
                with self.subTest(file=file, name=name):
                    self.refused(self.run_job((name, file)), kit.IO,
                                 re.escape(str(self.area.folder / file)) + ": the input file cannot be")

    def test_a_mistake_in_a_source_is_one_mistake(self):
        for old, new, told in (("format: csv, file: data/cards", "format: cvs, file: data/cards", "cvs"),
                               ('delimiter: ";"', 'delimiter: ";;"', "one character"),
                               ('delimiter: ","', "delimiter: x, encoding: klingon", "klingon"),
                               ("key: client\n", "key: \"{client\"\n", "'}'")):
            with self.subTest(told=told):
                result = self.run_job((old, new))
                self.refused(result, kit.USAGE, r"job\.yaml:\d+:\d+: ", told)
                self.assertEqual(result.err.count("\n"), 1, result.err)

    def test_a_job_without_fields_is_not_told_that_each_is_missing(self):
        for old, new, told in (("\nintake:\n", "\nintakes:\n", "did you mean 'intake'"),
                               ("\n  fields:\n", "\n  feilds:\n", "key 'fields' is missing")):
            with self.subTest(told=told):
                result = self.run_job((old, new))
                self.refused(result, kit.USAGE, told)
                self.assertLessEqual(result.err.count("\n"), 3, result.err)


if __name__ == "__main__":
    unittest.main()
