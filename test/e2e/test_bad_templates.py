"""Jobs and templates that are hostile or badly mistaken: every mistake with its place, in little time and
memory."""

import re
import unittest

import hostile
import kpd_test_kit as kit

BASE = """\
kind: application
title: A base
parameters:
  limit: {type: n, length: 12, default: "000000005000"}
  aip: {type: hex, min: 2, max: 2, default: "5C00"}
  text: {type: text}
"""


class BadTemplates(hostile.HostileTest):
    def template(self, name, text):
        """A file among the area's templates."""
        path = self.area.folder / "templates" / f"{name}.yaml"
        path.write_text(text)
        self.addCleanup(path.unlink, missing_ok=True)
        return path

    def child(self, text="", base="applications/local-sda"):
        return self.template("applications/child", f"kind: application\nextends: {base}\n{text}")

    def wrong(self, path, *places):
        """Checks a file; `places`: pairs of what stands where the mistake is, and its message."""
        result = self.check(path)
        self.expect(result, kit.USAGE)
        out = result.out.decode() + result.err
        for where, text in places:
            pattern = f"^{self.place(path, where) if where else re.escape(str(path))}.*: .*{text}"
            self.assertRegex(out, re.compile(pattern, re.MULTILINE))
        return out

    def test_inheritance_in_a_circle_is_told_with_the_whole_chain(self):
        self.template("applications/a", "kind: application\nextends: applications/b\n")
        self.template("applications/b", "kind: application\nextends: applications/c\n")
        self.wrong(self.template("applications/c", "kind: application\nextends: applications/a\n"),
                   ("applications/a", "applications/a -> applications/b -> applications/c -> applications/a"))
        self.wrong(self.template("applications/d", "kind: application\nextends: applications/d\n"),
                   ("applications/d", "applications/d -> applications/d"))
        self.wrong(self.child(base="applications/nobody"), ("applications/nobody", "nobody.yaml: cannot be"))
        self.wrong(self.child(base="cards/local-id"), ("cards/local-id", "is a 'card'"))

    def test_a_circle_stops_a_job_too(self):
        path = self.child(base="applications/child")
        card = self.area.folder / "templates/cards/local-id.yaml"
        before = card.read_text()
        self.addCleanup(card.write_text, before)
        card.write_text(before.replace("applications/local-sda", "applications/child"))
        self.refused(self.run_job(), kit.USAGE, self.place(path, "applications/child"), "extends itself")

    def test_a_tag_that_stands_twice_is_found_however_it_is_written(self):
        for text, where, told in (
                ('elements:\n  "9F10": {value: "00"}\n  "9F10" : {value: "01"}\n', '"9F10" :', "stands here twice"),
                ('elements:\n  "9F10": {value: "00"}\n  "9f10": {value: "01"}\n', '"9f10"', "stands here twice"),
                ('elements:\n  "9f10": {value: "00"}\n', '"9f10"', "stands here twice"),
                ('elements: {"5f24": {value: "291231"}}\n', '"5f24"', "stands here twice")):
            with self.subTest(text=text):
                self.wrong(self.child(text), (where, told))

    def test_hexadecimal_that_yaml_reads_as_a_number_wants_quotes(self):
        path = self.child('elements:\n  5F24: {value: "291231"}\n  "9F10": {value: 5E24}\n'
                          '  "9F0D": {value: 0101}\n  "9F0E": {value: 0x10}\n  "9F0F": {value: 1_0}\n')
        self.wrong(path, *((text, f'must be quoted: "{text}" .*YAML reads some of them as numbers')
                           for text in ("5F24", "5E24", "0101", "0x10", "1_0")))
        self.wrong(self.child("with: {aip: 5600}\n"), ("5600", 'must be quoted: "5600"'))

    def test_a_parameter_of_another_type_is_told_where_it_is_given(self):
        base = self.template("applications/of-types", BASE + "label: ${text}\n")
        for given, where, told in (("limit: 12a", "12a", "only digits"), ('limit: "1"', '"1"', "12 to 12"),
                                   ("limit: [1]", "[1]", "a text is expected"),
                                   ('aip: "5C0"', '"5C0"', "not hexadecimal"),
                                   ('aip: "5C0000"', '"5C0000"', "3 bytes, 2 to 2"),
                                   ("lim1t: 77", "77", r"no parameter is called 'lim1t' .*did you mean 'limit'"),
                                   ("text: ~", "~", "a text is expected")):
            with self.subTest(given=given):
                self.wrong(self.child(f"with: {{{given}}}\n", "applications/of-types"), (where, told))
        self.wrong(self.template("applications/of-types", BASE + "label: ${txet}\n"),
                   ("${txet}", "no parameter is called 'txet'"))
        self.assertTrue(base.exists())

    def test_small_files_that_stand_for_huge_ones_are_refused(self):
        uses = ", ".join(["*a"] * 100_000)
        laughs = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
            f"{this}: &{this} [{', '.join(['*' + last] * 9)}]\n" for last, this in zip("abcdefgh", "bcdefghi"))
        named = ", ".join(['"${text}"'] * 50_000)
        for text, told in ((f"x: &a \"{'x' * 1_000_000}\"\nl: [{uses}]\n", "bytes of texts in one file"),
                           (laughs, "values in one file"),
                           ("x: &a [*a]\n", "nested too deeply"), ("x: &a {x: *a}\n", "nested too deeply"),
                           ("x: " + "[" * 40 + "]" * 40, "nested too deeply"),
                           ("x: " + "[" * 1_000_000, ""), ("x: " + "{a: " * 500_000, ""),
                           ("- " * 1_000_000, ""),
                           (f"x: \"{'x' * (5 << 20)}\"", "larger than"),
                           (f"parameters: {{text: {{type: text, default: \"{'x' * 60_000}\"}}}}\nl: [{named}]\n",
                            "parameters make this document too large")):
            with self.subTest(text=text[:40]):
                out = self.wrong(self.template("applications/huge", "kind: application\n" + text), ("", told))
                self.assertLessEqual(out.count("\n"), 1010)

    def test_shapes_that_no_section_has_are_mistakes_with_a_place(self):
        path = self.template("applications/shapes", """\
kind: application
title: []
aid: "F000000099"
elements: {"5A": [], "57": ~, "": {}, "ZZ": {}, "9F": {value: "00"}, [1]: x}
records: [{}, [], 1, {sfi: 88, record: 0}]
dgis: [{}, [], records, records]
authentication: cda
keys: {AC: [], 0: {}}
""")
        self.wrong(path, ("[1]", "a text is expected as a key"))
        path.write_text(path.read_text().replace(", [1]: x", ""))
        self.wrong(path, ("[]", "a text is expected"), ("~", "a map of keys and values"),
                   ('"ZZ"', "'ZZ' is not a tag"), ('"9F"', "'9F' is not a tag"), ("88", "not within 1 to 30"))
        for text in ("", "~\n", "x", "[]", "kind: [application]\n", "kind: aplication\n", "kind: application\n--- x\n",
                     "\0", "\ufeff\ufeffkind: x", "kind: !!binary x", "%YAML 9.9\n---\nkind: application\n"):
            with self.subTest(text=text):
                self.wrong(self.template("applications/shapes2", text), ("", ""))

    def test_a_card_for_every_record_wants_a_known_risk(self):
        card = self.area.folder / "templates/cards/local-id.yaml"
        before = card.read_text()
        self.addCleanup(card.write_text, before)
        card.write_text(before + "risk:\n  field: branch\n  profiles:\n"
                        f"    \"{self.rows[0]['branch']}\": {{}}\n    \"{self.rows[1]['branch']}\": {{}}\n")
        rejects = self.rejected(self.run_job(), {4: "risk", 5: "risk"}, self.rows[:2])
        self.assertEqual({one["field"] for one in rejects}, {"branch"})
        card.write_text(before + "risk: {field: nothing, profiles: {A: {}}}\n")
        self.refused(self.run_job(), kit.USAGE, self.place(card, "nothing"), "'nothing'")


if __name__ == "__main__":
    unittest.main()
