"""Expressions and Lua functions of a job, from its files to cards and rejects."""

import json
import unittest

import kpd_test_kit as kit
from card_files import CardFile

CARD = "templates/cards/base/bank-card.yaml"
SCRIPT = """\
local names = {}

function given_first(name)
  names[#names + 1] = name
  local slash = name:find('/', 1, true)
  return name:sub(slash + 1) .. ' ' .. name:sub(1, slash - 1) .. (#names > 1 and '!' or '')
end

function once_too_often(record)
  if record == '00000002' then while true do end end
  if record == '00000003' then error('this one not') end
  if record == '00000004' then return 1 / 0 .. record .. nil end
  return ''
end
"""


class Expressions(kit.AreaTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rows = [row for row in cls.area.good_rows() if row["product"] == "VISA-CLASSIC"][:6]
        for number, row in enumerate(rows, 1):
            row["record_id"] = f"{number:08}"
        cls.rows = rows
        cls.area.write_rows(rows)
        cls.area.edit("job.yaml", "test: true\n", "test: true\nfunctions: own.lua\n")

    def run_with(self, text, script=SCRIPT):
        """Cards by record and rejects when the embosser's third line is `text`."""
        (self.area.folder / "own.lua").write_text(script)
        with self.area.edited(CARD, "{name|upper}", text):
            self.expect(self.area.run("run", self.area.job), kit.DONE)
        cards = {card.id: card.modules["$EM3"].decode() for card in CardFile(self.area.cards).cards}
        return cards, [json.loads(line) for line in self.area.rejects.read_text().splitlines()]

    def test_a_text_is_made_by_expressions(self):
        cards, rejects = self.run_with(
            "{{{part(name, '/', 2)|left(1)}}} {pad_left(limit_lower * 2 + 1, 12, '0')} "
            "{limit_lower < 5000 ? 'low' : 'high'}")
        self.assertEqual(rejects, [])
        for row in self.rows:
            limit = int(row["limit_lower"])
            self.assertEqual(cards[row["record_id"]],
                             "{%s} %012d %s" % (row["name"].partition("/")[2][0], limit * 2 + 1,
                                                "low" if limit < 5000 else "high"))

    def test_a_division_by_zero_rejects_its_record_and_no_other(self):
        cards, rejects = self.run_with("{100 / (number(record_id) - 3)}")
        self.assertEqual({id: int(text) for id, text in cards.items()},
                         {"00000001": -50, "00000002": -100, "00000004": 100, "00000005": 50,
                          "00000006": 33})
        (reject,) = rejects
        self.assertEqual((reject["record"], reject["fault"], reject["stage"]),
                         ("00000003", "expression", "prepare"))
        self.assertEqual(reject["reason"], "$EM3: /: a division by zero (column 6)")

    def test_functions_of_the_job_keep_nothing_from_one_record_to_the_next(self):
        cards, rejects = self.run_with("{given_first(name)}")
        self.assertEqual(rejects, [])
        for row in self.rows:
            family, _, given = row["name"].partition("/")
            self.assertEqual(cards[row["record_id"]], f"{given} {family}")

    def test_a_function_without_end_or_with_an_error_rejects_its_record(self):
        cards, rejects = self.run_with("{once_too_often(record_id)}")
        self.assertEqual(sorted(cards), ["00000001", "00000005", "00000006"])
        self.assertEqual(
            {reject["record"]: (reject["fault"], reject["reason"]) for reject in rejects},
            {"00000002": ("expression", "$EM3: once_too_often: it takes too many steps, line 10 of the "
                                        "functions (column 2)"),
             "00000003": ("expression", "$EM3: once_too_often: this one not, line 11 of the functions "
                                        "(column 2)"),
             "00000004": ("expression", "$EM3: once_too_often: it fails, line 12 of the functions "
                                        "(column 2)")})

    def test_other_functions_are_another_plan(self):
        (self.area.folder / "own.lua").write_text(SCRIPT)
        stage = self.folder / "one.stage"
        self.expect(self.area.run("ingest", self.area.job, "-o", stage), kit.DONE)
        (self.area.folder / "own.lua").write_text(SCRIPT + "-- changed\n")
        prepared = self.area.run("prepare", self.area.job, stdin=stage.read_bytes())
        self.expect(prepared, kit.HOLD, "plan")

    def test_a_script_that_cannot_be_loaded_stops_the_job_with_its_line(self):
        for script, line in (("function f(\n", "own.lua:2:1: .*expected"),
                             ("x = 1\nwhile true do end\n", "own.lua:2:1: .*too many steps"),
                             ("io.write('x')\n", "own.lua:1:1: .*nothing is called 'io'")):
            (self.area.folder / "own.lua").write_text(script)
            self.expect(self.area.run("run", self.area.job), kit.USAGE, line)


if __name__ == "__main__":
    unittest.main()
