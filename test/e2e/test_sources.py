"""One batch from every format of a back office, with only the job's source changed."""

import json
import sqlite3
import unittest

import kpd_test_kit as kit
from card_files import CardFile
from kpd_postgres import Postgres
from test_stages import comparable

WIDTHS = {"record_id": 8, "product": 12, "client_id": 10, "pan": 19, "psn": 2, "effective": 6,
          "expiry": 4, "name": 40, "service_code": 3, "country": 3, "currency": 3, "language": 2,
          "pin_block": 16, "limit_lower": 12, "limit_upper": 12, "issue": 2, "branch": 6,
          "emboss_line4": 27}
CSV = 'source: {format: csv, file: data/cards.csv, delimiter: ";"}'
FIXED = ("source: {format: fixed, file: data/cards.fixed, encoding: iso-8859-1, columns: {" +
         ", ".join(f"{name}: {width}" for name, width in WIDTHS.items()) + "}}")
XML = "source: {format: xml, file: data/cards.xml, record: card}"
JSONL = "source: {format: jsonl, file: data/cards.jsonl}"
SQLITE = ('source: {format: sql, connect: "sqlite3://data/cards.db", '
          'query: "SELECT * FROM cards ORDER BY rowid"}')
SAMPLES = kit.SOURCE / "test/samples"


def postgres(database, query="SELECT * FROM cards ORDER BY ordinal"):
    return f'source: {{format: sql, connect: "{database.connect}", query: {json.dumps(query)}}}'


class Sources(kit.AreaTest):
    def write(self, name, text):
        (self.area.folder / "data" / name).write_text(text, encoding="utf-8")

    def write_all(self, rows):
        """The same records in every format but a server's."""
        self.area.write_rows(rows)
        self.write("cards.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
        self.write("cards.fixed", "".join(
            "".join(row[name].ljust(width) for name, width in WIDTHS.items()) + "\n"
            for row in rows))
        self.write("cards.xml", "<cards>" + "".join(
            "<card>" + "".join(f"<{name}><![CDATA[{row[name]}]]></{name}>" for name in WIDTHS) +
            "</card>\n" for row in rows) + "</cards>")
        self.write_sqlite(rows)

    def write_sqlite(self, rows):
        path = self.area.folder / "data/cards.db"
        path.unlink(missing_ok=True)
        with sqlite3.connect(path) as database:
            database.execute(f"CREATE TABLE cards ({', '.join(WIDTHS)})")
            database.executemany(f"INSERT INTO cards VALUES ({', '.join('?' * len(WIDTHS))})",
                                 [[row[name] for name in WIDTHS] for row in rows])
        database.close()

    def ingested(self, source):
        """What `ingest` takes from a source: every record with its fields, every reject."""
        stage = self.folder / "one.stage"
        with self.area.edited("job.yaml", CSV, source):
            result = self.area.run("ingest", self.area.job, "-o", stage)
            self.expect(result, kit.DONE)
            shown = self.area.run("inspect", stage, "--job", self.area.job, "--all",
                                  "--show-pan", "--json")
        self.expect(shown, kit.DONE)
        return [(child["kind"], child.get("id"), child.get("value"), child["children"])
                for child in shown.json()["children"] if child["kind"] in ("card", "reject")]

    def batch(self, source):
        """The batch's cards as far as nothing in them is random or of the job, and the rejects."""
        with self.area.edited("job.yaml", CSV, source):
            self.expect(self.area.run("run", self.area.job), kit.DONE)
        cards = []
        for card in CardFile(self.area.cards).cards:
            others, version, _, status, applications = comparable(card)
            cards.append((card.id, others, version, status, applications))
        rejects = [json.loads(line) for line in self.area.rejects.read_text().splitlines()]
        return cards, [(one["record"], one["field"], one["fault"]) for one in rejects]

    def test_the_sample_batch_comes_the_same_from_every_format(self):
        rows = self.area.rows()
        self.write_all(rows)
        for name in ("cards.fixed", "cards.xml"):
            (self.area.folder / "data" / name).write_bytes((SAMPLES / name).read_bytes())
        expected = self.ingested(CSV)
        self.assertEqual(len(expected), 500)
        for source in (FIXED, XML, JSONL, SQLITE):
            with self.subTest(source=source):
                self.assertEqual(self.ingested(source), expected)
        with Postgres() as database:
            database.load("cards", list(WIDTHS), [[row[name] for name in WIDTHS] for row in rows])
            self.assertEqual(self.ingested(postgres(database)), expected)

    def test_the_cards_are_the_same_from_every_format(self):
        bad = kit.expected_rejects()
        good = self.area.good_rows()
        rows = [next(row for row in good if row["product"] == product) for product in kit.PRODUCTS]
        rows += [row for row in self.area.rows() if row["record_id"] in bad][:5]
        self.write_all(rows)
        expected = self.batch(CSV)
        self.assertEqual([len(part) for part in expected], [5, 5])
        for source in (FIXED, XML, JSONL, SQLITE):
            with self.subTest(source=source):
                self.assertEqual(self.batch(source), expected)
        with Postgres() as database:
            database.load("cards", list(WIDTHS), [[row[name] for name in WIDTHS] for row in rows])
            self.assertEqual(self.batch(postgres(database)), expected)

    def test_a_database_that_goes_away_ends_the_batch_with_what_to_do(self):
        row = self.area.good_rows()[0]
        columns = ", ".join(f"'{row[name]}'::text AS {name}" for name in WIDTHS)
        self.area.write_rows([row])
        with Postgres() as database:
            # The server ends itself after some portions.
            database.run("CREATE FUNCTION go(n int) RETURNS text LANGUAGE plpgsql AS $$ BEGIN "
                         "IF n > 2500 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; "
                         "RETURN ''; END $$")
            source = postgres(database, f"SELECT {columns}, go(n) FROM generate_series(1, 5000) n")
            with self.area.edited("job.yaml", CSV, source):
                result = self.area.run("run", self.area.job)
                self.expect(result, kit.AWAY, "database 'cards': the database went away",
                            "start again")
            database.stop()
            with self.area.edited("job.yaml", CSV, source):
                result = self.area.run("run", self.area.job)
                self.expect(result, kit.AWAY, "database 'cards': no connection")
        self.assertFalse(self.area.cards.exists())

    def test_a_password_does_not_belong_in_a_job(self):
        source = ('source: {format: sql, connect: "postgresql://user=kpd password=S3cret", '
                  'query: "SELECT 1"}')
        with self.area.edited("job.yaml", CSV, source):
            result = self.area.run("run", self.area.job)
            self.expect(result, kit.USAGE, r"job\.yaml:\d+:\d+: .*password", "pgpass")
            self.assertNotIn("S3cret", result.err)

    def test_an_xml_document_that_breaks_ends_the_batch_and_leaves_no_cards(self):
        self.write_all(self.area.good_rows()[:3])
        path = self.area.folder / "data/cards.xml"
        path.write_text(path.read_text().replace("</cards>", "<card>"))
        with self.area.edited("job.yaml", CSV, XML):
            result = self.area.run("run", self.area.job)
            self.expect(result, kit.IO, r"cards\.xml:4:\d+: the XML document is broken here")
        self.write("cards.xml", '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><l>&b;</l>')
        with self.area.edited("job.yaml", CSV, XML):
            result = self.area.run("run", self.area.job)
            self.expect(result, kit.IO, r"cards\.xml:1:\d+: .*document type")
        self.assertFalse(self.area.cards.exists())


if __name__ == "__main__":
    unittest.main()
