"""What a job says of its fields: layouts nobody has seen before, several sources for one card, photos,
checks of whole records."""

import csv
import json
import re
import sqlite3
import unittest

import kpd_test_kit as kit
from card_files import CardFile
from test_stages import comparable

FIELDS_OF_JOB = re.compile(r"  source: .*?(?=  joins:)", re.DOTALL)
JOIN_SOURCE = 'source: {format: csv, file: data/loyalty.csv, delimiter: ","}'

# The examples of docs/intake.md: a back office of another country, and a second source.
FOREIGN, SECOND = re.findall(r"^```yaml\n(?:intake:\n)?(.*?)^```", (kit.SOURCE / "docs/intake.md").read_text(),
                             re.DOTALL | re.MULTILINE)
COLUMNS = ("№ заявки", "Продукт", "Клиент", "Номер карты", "Выпуск", "Действует с", "Действует до",
           "Family", "Given", "Код", "Страна", "Валюта", "Язык", "ПИН", "Лимит 1", "Лимит 2", "Филиал",
           "Строка")
PRODUCTS = {"VISA-CLASSIC": "КЛАССИК", "VISA-GOLD": "ЗОЛОТО", "MC-STANDARD": "СТАНДАРТ",
            "MC-DEBIT19": "ДЕБЕТ", "LOCAL-ID": "МЕСТНАЯ"}
# Where the tables of ICAO Doc 9303 lead back to the same letters.
CYRILLIC = {"PETROVA": "Петрова", "IVANOV": "Иванов", "KIM": "Ким", "HASSAN": "Hassan",
            "OLGA": "Ольга", "ANNA": "Анна", "IVAN": "Иван", "OMAR": "Омар", "NINA": "Нина",
            "ELENA": "Елена", "MULLER": "Мuller"}


def date(yymmdd):
    return f"{yymmdd[4:]}.{yymmdd[2:4]}.20{yymmdd[:2]}"


def foreign_row(row):
    """The same record as that back office writes it."""
    family, slash, given = row["name"].partition("/")
    if not slash:  # the fault of a name in one piece stands in its first part
        given = ""
    return [row["record_id"].lstrip("0"), PRODUCTS.get(row["product"], row["product"]),
            row["client_id"], " ".join(re.findall(".{1,4}", row["pan"])), row["psn"].lstrip("0") or "0",
            date(row["effective"]), f"{row['expiry'][2:]}/20{row['expiry'][:2]}",
            CYRILLIC.get(family, family), CYRILLIC.get(given, given), row["service_code"],
            row["country"].replace("826", "GBR"), row["currency"].replace("826", "GBP"),
            row["language"].upper(), row["pin_block"].lower(),
            *(f"{int(row[limit]) / 100:.2f}".replace(".", ",") for limit in ("limit_lower", "limit_upper")),
            row["branch"], row["emboss_line4"]]


class Intake(kit.AreaTest):
    def tearDown(self):
        self.area.job.write_text(self.job)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.job = cls.area.job.read_text()

    def with_intake(self, text):
        """The job with another source and other fields, the rest as it was."""
        changed, count = FIELDS_OF_JOB.subn(lambda _: text, self.job)
        self.assertEqual(count, 1)
        self.area.job.write_text(changed)

    def edit(self, *changes):
        text = self.job
        for old, new in changes:
            text = kit.changed(text, old, new)
        self.area.job.write_text(text)

    def ingested(self, *texts):
        """Cards (fields by name) and rejects that `ingest` gives; `texts`: what it must say."""
        stage = self.folder / "one.stage"
        self.expect(self.area.run("ingest", self.area.job, "-o", stage), kit.DONE, *texts)
        shown = self.area.run("inspect", stage, "--job", self.area.job, "--all", "--show-pan", "--json")
        self.expect(shown, kit.DONE)
        cards, rejects = [], []
        for child in shown.json()["children"]:
            values = {one["id"]: one.get("value") for one in
                      (child["children"][0] if child["kind"] == "card" else child)["children"]} \
                if child["kind"] in ("card", "reject") else {}
            if child["kind"] == "card":
                cards.append((child.get("id"), child.get("value"), child.get("note"), values))
            elif child["kind"] == "reject":
                rejects.append((child.get("id"), child.get("note"), values))
        return cards, rejects

    def batch(self):
        """The batch's cards as far as nothing in them is random or of the job."""
        self.expect(self.area.run("run", self.area.job), kit.DONE)
        cards = []
        for card in CardFile(self.area.cards).cards:
            others, version, _, status, applications = comparable(card)
            cards.append((card.id, others, version, status, applications))
        return cards

    def write_foreign(self, rows):
        columns = [{"Family": "Фамилия", "Given": "Имя"}.get(name, name) for name in COLUMNS]
        lines = ["|".join(columns)] + ["|".join(foreign_row(row)) for row in rows]
        path = self.area.folder / "data/kartoteka.txt"
        path.write_bytes("\r\n".join(lines).encode("windows-1251") + b"\r\n")

    def test_a_layout_that_nobody_has_seen_is_taken_in_by_yaml_alone(self):
        # One fault cannot be written there: a name in one piece.
        rows = [row for row in self.area.rows() if "^" not in row["name"]]
        self.area.write_rows(rows)
        expected = self.ingested()
        self.write_foreign(rows)
        text = (self.area.folder / "data/kartoteka.txt").read_bytes().decode("windows-1251")
        self.assertIn("|Петрова|Ольга|", text)
        self.with_intake(FOREIGN)
        cards, rejects = self.ingested()
        for card in cards:
            del card[3]["surname"], card[3]["given_name"]
        self.assertEqual((len(cards), len(rejects)), (482, 17))
        self.assertEqual(rejects, expected[1])
        self.assertEqual(cards, expected[0])

    def test_the_cards_of_such_a_layout_are_the_same_to_the_last_byte(self):
        self.area.keep_of_each_product(1)
        rows = self.area.good_rows()
        rows = [next(row for row in rows if row["product"] == product) for product in kit.PRODUCTS]
        expected = self.batch()
        self.write_foreign(rows)
        self.with_intake(FOREIGN)
        self.assertEqual(self.batch(), expected)

    def write_loyalty(self, rows):
        """Members as a JSON document a line and as a table."""
        (self.area.folder / "data/loyalty.jsonl").write_text(
            "".join(json.dumps({"client": row[0], "member": {"no": row[1], "tier": row[2]},
                                "points": int(row[3])}) + "\n" for row in rows))
        path = self.area.folder / "data/loyalty.db"
        path.unlink(missing_ok=True)
        with sqlite3.connect(path) as database:
            database.execute("CREATE TABLE members (client, member_no, tier, points)")
            database.executemany("INSERT INTO members VALUES (?, ?, ?, ?)", rows)
        database.close()

    def loyalty(self):
        with open(kit.SOURCE / "examples/starter/data/loyalty.csv", newline="", encoding="utf-8") as file:
            return list(csv.reader(file))[1:]

    def test_a_second_source_may_be_of_any_format(self):
        self.area.write_rows(self.area.rows()[:60])
        expected = self.ingested()
        self.assertEqual(expected[0][0][3]["tier"], "GOLD")
        self.write_loyalty(self.loyalty())
        self.edit((JOIN_SOURCE, "source: {format: jsonl, file: data/loyalty.jsonl, columns: {client: client, "
                                "member_no: member.no, tier: member.tier, points: points}}"))
        self.assertEqual(self.ingested(), expected)
        self.edit((JOIN_SOURCE, 'source: {format: sql, connect: "sqlite3://data/loyalty.db", '
                                'query: "SELECT * FROM members"}'))
        self.assertEqual(self.ingested(), expected)

    def test_a_fault_in_a_second_source_names_its_file_and_line(self):
        rows = self.area.good_rows()[:3]
        self.area.write_rows(rows)
        members = [[row["client_id"], f"L00000000{n}", "GOLD", "1"] for n, row in enumerate(rows)]
        members[1][1] = "L-1"
        path = self.area.folder / "data/members.csv"
        path.write_text("client,member_no,tier,points\nC1,L1\n" +
                        "".join(",".join(member) + "\n" for member in members) + 'C9,"L"9,GOLD,1\n')
        self.edit(("data/loyalty.csv", "data/members.csv"))
        cards, rejects = self.ingested(r"members\.csv: 2 rows .* line 2 \(columns\), line 6 \(csv-quote\)")
        self.assertEqual(len(cards), 2)
        self.assertEqual(rejects[0][2], {"field": "member_no", "fault": "length", "stage": "ingest",
                                         "reason": "3 characters; there must be 10", "source": f"{path}:4"})
        self.expect(self.area.run("run", self.area.job), kit.DONE)
        reject = json.loads(self.area.rejects.read_text())
        self.assertEqual((reject["line"], reject["source"]), (3, f"{path}:4"))
        shown = self.area.run("inspect", self.area.rejects)
        self.assertRegex(shown.out.decode(), r"members\.csv:4\)")

    def test_a_missing_partner_is_a_reject_or_empty_or_the_default(self):
        row = dict(self.area.good_rows()[0], client_id="C000000000")
        self.area.write_rows([row])
        self.assertEqual(self.ingested()[1][0][2]["fault"], "join")
        self.edit(("missing: reject", "missing: empty"))
        self.assertEqual(self.ingested()[0][0][3]["tier"], "empty")
        self.write_loyalty([])
        before, _, _ = self.job.partition("  joins:\n")
        after = self.job[self.job.index("\nkeys:"):]
        self.area.job.write_text(before + SECOND + after)
        values = self.ingested()[0][0][3]
        self.assertEqual([values[name] for name in ("member_no", "tier", "points")],
                         ["L000000000", "NONE", "0"])
        self.write_loyalty([["C000000000", "L000000001", "BLACK", "7"]])
        self.assertEqual(self.ingested()[1][0][2]["fault"], "choice")

    def test_a_row_that_may_be_a_partner_stops_a_run_that_could_do_without(self):
        self.area.write_rows(self.area.good_rows()[:2])
        path = self.area.folder / "data/members.csv"
        path.write_text("client,member_no,tier,points\nC1,L1\n")
        for missing, code in (("reject", kit.DONE), ("empty", kit.HOLD), ("default", kit.HOLD),
                              ("empty\n      unreadable: pass", kit.DONE),
                              ("reject\n      unreadable: stop", kit.HOLD)):
            with self.subTest(missing=missing):
                self.edit(("data/loyalty.csv", "data/members.csv"),
                          ("missing: reject", f"missing: {missing}"))
                self.expect(self.area.run("ingest", self.area.job, "-o", self.folder / "1.stage"),
                            code, *([r"members\.csv:2: "] if code == kit.HOLD else []))

    def test_a_source_may_be_found_by_what_another_one_brought(self):
        row = self.area.good_rows()[0]
        self.area.write_rows([row])
        (self.area.folder / "data/tiers.xml").write_text(
            "<tiers><tier name='gold'><limit>10</limit></tier><tier name='silver'><limit>5</limit></tier></tiers>")
        self.edit(("        points:    {type: n, max: 9}\n", """\
        points:    {type: n, max: 9}
    tiers:
      source: {format: xml, file: data/tiers.xml, record: tier, columns: {tier_name: "@name", limit: limit}}
      key: "{tier_name}"
      on: "{lower(tier)}"
      fields:
        tier_limit: {type: n, max: 4, column: limit}
        title:      {type: ans, from: "{tier} {points} of {tier_limit}"}
"""))
        values = self.ingested()[0][0][3]
        self.assertEqual((values["tier"], values["tier_limit"]), ("GOLD", "10"))
        self.assertEqual(values["title"], f"GOLD {values['points']} of 10")

    def test_photos_come_by_their_names(self):
        rows = self.area.good_rows()[:4]
        rows[2] = dict(rows[2], client_id=rows[2]["client_id"])
        self.area.write_rows(rows)
        photos = self.area.folder / "data/photos"
        photos.mkdir()
        self.addCleanup(lambda: [path.unlink() for path in photos.iterdir()] and photos.rmdir())
        (photos / f"{rows[0]['client_id']}.jpg").write_bytes(bytes(range(256)))
        (photos / f"{rows[1]['client_id']}.jpg").write_bytes(bytes(1001))
        (photos / f"{rows[2]['client_id']}.jpg").symlink_to(self.area.yaml)
        field = "    photo: {type: file, folder: data/photos, from: \"{client_id}.jpg\", max: 1000%s}\n  joins:\n"
        self.edit(("  joins:\n", field % ""))
        cards, rejects = self.ingested()
        self.assertEqual([card[3]["photo"] for card in cards], ["256 bytes"])
        self.assertEqual([one[2]["fault"] for one in rejects], ["file-size", "file", "file"])
        self.edit(("  joins:\n", field % ", missing: empty, required: false"))
        cards, rejects = self.ingested()
        self.assertEqual([card[3]["photo"] for card in cards][1], "empty")
        self.assertEqual(len(rejects), 2)
        self.edit(("  joins:\n", field.replace("{client_id}.jpg", "../cards.csv") % ""))
        self.assertEqual([one[2]["fault"] for one in self.ingested()[1]], ["file-name"] * 4)
        self.edit(("  joins:\n", field.replace("data/photos", "data/nowhere") % ""))
        self.expect(self.area.run("ingest", self.area.job), kit.IO, "data/nowhere: the folder")

    def test_a_job_checks_whole_records(self):
        rows = self.area.good_rows()[:3]
        rows[0] = dict(rows[0], limit_lower="50001", limit_upper="50000")
        rows[1] = dict(rows[1], limit_lower="9", limit_upper="10")
        self.area.write_rows(rows)
        self.edit(("  joins:\n", """\
  checks:
    - {that: limit_lower <= limit_upper, field: limit_lower, fault: limits,
       reason: the lower limit is above the upper one}
    - {that: "tier != 'BLACK' or product == 'VISA-GOLD'", reason: only a gold card is black}
  joins:
"""))
        cards, rejects = self.ingested()
        self.assertEqual(len(cards), 2)
        self.assertEqual(rejects[0][2], {"field": "limit_lower", "fault": "limits", "stage": "ingest",
                                         "reason": "the lower limit is above the upper one"})

    def test_every_mistake_of_the_intake_comes_at_once_with_its_place(self):
        self.edit(("{type: an, length: 10}\n    pan:", "{type: ann, length: 10}\n    pan:"),
                  ("expiry:       {type: expiry-yymm}", "expiry:       {type: expiry, format: MMDD}"),
                  ("{type: name}", "{type: name, from: \"{sname} {surname}/{uper(name)}\"}"),
                  ("emboss_line4: {", "emboss-line4: {"),
                  ("on: client_id", "on: client"),
                  ("  joins:\n", "  checks:\n    - {that: issue, reason: x}\n  joins:\n"))
        result = self.expect(self.area.run("ingest", self.area.job), kit.USAGE,
                             r"no field type is called 'ann' \(did you mean 'an'\?\)",
                             r"one year and one month", "uper", r"letters, digits and '_'",
                             "no field before this source is called 'client'", "condition")
        places = re.findall(r"^.*job\.yaml:(\d+):\d+: ", result.err, re.MULTILINE)
        self.assertEqual(len(places), 6, result.err)
        self.assertEqual(places, sorted(places, key=int))


if __name__ == "__main__":
    unittest.main()
