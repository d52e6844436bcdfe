"""Expressions and Lua functions that misbehave: one record each and nothing of it told, or a mistake before
the first card."""

import json
import unittest

import hostile
import kpd_test_kit as kit

FIELD = "    emboss_line4: {type: ans, max: 27, required: false}\n"
FUNCTIONS = ("kind: job\n", "kind: job\nfunctions: own.lua\n")

# Bodies of a function f(pan), and what is told of each.
BAD = {
    "while true do end": "it takes too many steps",
    "::again:: goto again": "it takes too many steps",
    "local s = pan:rep(4096) while true do local n = -s end": "it takes too many steps",
    "local t = {} while true do t[#t + 1] = pan .. #t end": "it takes too much memory",
    "local s = pan while true do s = s .. s end": "it takes too much memory",
    "return pan:rep(1e9)": "it repeats a text too often",
    "return pan .. f(pan)": "it takes too much memory",
    "return io.open('/etc/passwd')": "it uses a name that nothing has",
    "return os.execute('true')": "it uses a name that nothing has",
    "return require('io')": "it uses a name that nothing has",
    "return load('return 1')()": "it uses a name that nothing has",
    "return debug.getregistry()": "it uses a name that nothing has",
    "return string.dump(f)": "it uses a name that nothing has",
    "return string.match(pan, '.-.-.-.-.-x')": "it uses a name that nothing has",
    "return pan:find('.-.-.-.-.-x')": "string.find wants true as its fourth argument",
    "error('the card ' .. pan)": "it fails",
    "error(pan)": "it fails",
    "error({pan})": "it fails",
    "assert(false, pan)": "it fails",
    "return pan + {}": "it fails",
    "return pan .. nil": "it fails",
    "local x = nil return x[pan]": "it fails",
    "return pan.x.y": "it fails",
    "total = pan return pan": "it writes a global",
    "string.rep = nil return pan": "it writes into a library",
    "return tostring(f)": "tostring takes texts, numbers, true, false and nil",
    "return text.sub(pan, 'x', pan)": "text.sub: the place is no integer",
    "return nil": "it gives something else than a text",
    "return '\\xff'": "it gives a text that is not UTF-8",
}


# The same of expressions.
EXPRESSIONS = {
    "1 / (psn - psn)": "division by zero",
    "1 % number(psn)": "division by zero",
    "9223372036854775807 + limit_lower": "too large",
    "-9223372036854775807 - limit_lower": "too large",
    "number(pan) * number(pan)": "too large",
    "number(pan .. pan)": "integer",
    "name + 1": "this is no integer of 64 bits",
    "pad_left(pan, 1, '0')": "pad_left: ",
    "replace(pad_left(pan, 60000, '1'), '1', pan)": "the text is too long",
    "lookup(pan, 'A', '1')": "lookup: ",
    "date(name, 'DD.MM.YYYY', 'YYMMDD')": "date: ",
    "(name < 5 ? 'a' : 'b')": "a number is compared with what is no integer",
    "sub(pan, -1, 2)": "sub: ",
    "add_months(expiry, limit_upper)": "add_months: ",
}

# Scripts that cannot be loaded: the line of the mistake (0: none) and what is told.
SCRIPTS = (("\nfunction f(pan\n", 3, r"'\)' expected"), ("while true do end", 1, "too many steps"),
           ("\n\nio.write('x')", 3, "nothing is called 'io'"), ("x = y", 1, "nothing is called 'y'"),
           ("error('not today')", 1, "not today"), ("string.rep = nil", 1, "writes into a library"),
           ("local t = {} for i = 1, 1e9 do t[i] = i end", 0, "too much memory"),
           ("local s = 'x' while true do s = s .. s end", 0, "too much memory"),
           ("x = " + "(" * 100_000, 0, "overflow"), ("x = " + "{" * 100_000, 0, "overflow"),
           ("\x1bLuaS", 0, "binary"), ("--" + "x" * 300_000, 0, "too long"),
           ("function upper(s) return s end", 0, "'upper' is a function of the expressions themselves"),
           ("function g() end", None, "no function is called 'f'"),
           ("f = 1", None, "no function is called 'f'"),
           ("function f() return '' end", None, "takes 0 arguments, not 1"))

# Texts that cannot be compiled, and what is told.
TEXTS = (("{name", "without its '}'"), ("name}", "without its '{'"), ("{}", "ends too early"),
         ("{uper(name)}", "did you mean 'upper'"),
         ("{lookup(psn)}", "takes 3 or more arguments, not 1"), ("{name == psn}", "true or false"),
         ("{psn ? '1' : '2'}", "a condition belongs here"), ("{1 / 0}", "division by zero, at character 4"),
         ("{9223372036854775808}", "the number is too large, at character 2"),
         ("{9223372036854775807 + 1}", "too large"), ("{007}", "no leading zeros"),
         ("{pan pan}", "cannot stand here, at character 6"), ("{'pan}", "without its '}'"),
         ("{pan$}", "has no meaning"), ("{" + "(" * 5000 + "1" + ")" * 5000 + "}", "nested too deeply"),
         ("{" + "-" * 5000 + "1}", "nested too deeply"), ("{pan" + "|upper" * 2600 + "}", "nested too deeply"),
         ("{" + "1+" * 20_000 + "1}", "too long|nested too deeply"),
         ("{replace(pad_left('', 60000, 'x'), 'x', 'yy')}", "the text is too long"))


class BadFunctions(hostile.HostileTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.script = cls.area.folder / "own.lua"

    def run_each(self, reasons, *changes):
        """One record for each reason and the good ones behind them."""
        bad = [dict(self.rows[0], record_id=f"9{number:07}") for number, _ in enumerate(reasons)]
        self.area.write_rows(bad + self.rows)
        self.addCleanup(self.area.write_rows, self.rows)
        rejects = self.rejected(self.run_job(*changes),
                                {line: "expression" for line, _ in enumerate(reasons, 2)})
        for reject, (body, reason) in zip(rejects, reasons.items()):
            with self.subTest(body=body):
                self.assertIn(reason, reject["reason"])

    def fields(self, *texts):
        """A change of the job: fields made by these texts."""
        return FIELD, FIELD + "".join(
            f"    made{number}: {{type: ans, max: 4096, required: false, from: {json.dumps(text)}}}\n"
            for number, text in enumerate(texts))

    def test_a_function_that_misbehaves_costs_its_record(self):
        calls = "".join(f"  if record == '9{number:07}' then return f{number}(pan) end\n"
                        for number, _ in enumerate(BAD))
        self.script.write_text("".join(f"local function f{number}(pan) {body.replace('f(pan)', f'f{number}(pan)')}"
                                       f" end\n" for number, body in enumerate(BAD)) +
                               f"function f(record, pan)\n{calls}  return ''\nend\n")
        self.run_each(BAD, FUNCTIONS, self.fields("{f(record_id, pan)}"))

    def test_an_expression_that_has_no_value_costs_its_record(self):
        self.run_each(EXPRESSIONS, self.fields(*(
            f"{{record_id == '9{number:07}' ? '' .. {expression} : ''}}"
            for number, expression in enumerate(EXPRESSIONS))))

    def test_a_script_that_cannot_be_loaded_is_a_mistake_with_its_line(self):
        for script, line, told in SCRIPTS:
            with self.subTest(script=script[:50]):
                self.script.write_text(script)
                result = self.run_job(FUNCTIONS, self.fields("{f(pan)}"))
                place = "" if line is None else rf"own\.lua{f':{line}:1' if line else ''}: functions: .*"
                self.refused(result, kit.USAGE, place + told)

    def test_a_script_that_is_not_there_is_named(self):
        for file in ("own.lua", "none.lua", "data", "/dev/zero"):
            with self.subTest(file=file):
                self.script.unlink(missing_ok=True)
                self.refused(self.run_job(("kind: job\n", f"kind: job\nfunctions: {file}\n")), kit.USAGE,
                             r"functions: (.* cannot be read|the script is too long)")

    def test_a_text_that_cannot_be_compiled_is_a_mistake_with_its_place(self):
        for text, told in TEXTS:
            with self.subTest(text=text[:50]):
                result = self.run_job(self.fields(text))
                self.refused(result, kit.USAGE, rf"job\.yaml:\d+:\d+: intake\.fields\.made0\.from: .*({told})")

    def test_a_template_names_no_unknown_field(self):
        card = self.area.folder / "templates/cards/base/bank-card.yaml"
        with self.area.edited("templates/cards/base/bank-card.yaml", "{name|upper}", "{nmae|upper}"):
            self.refused(self.run_job(), kit.USAGE, self.place(card, '"{nmae') +
                         r": .*'nmae', at character 2 .*did you mean 'name'")
        self.refused(self.run_job((hostile.SOURCE, "source: {format: fixed, file: data/x, columns: {pan: 19}}")),
                     kit.USAGE, r"job\.yaml:\d+:\d+: .*the source has no column 'record_id'")


if __name__ == "__main__":
    unittest.main()
