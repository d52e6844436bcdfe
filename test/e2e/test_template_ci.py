"""What runs by itself: a pipeline that checks jobs and templates, a hook before a commit."""

import os
import re
import shutil
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import kpd_test_kit as kit

CI = kit.SOURCE / "examples/ci"
HOOK = kit.SOURCE / "examples/hooks/pre-commit"
BASE = "templates/applications/base/contact-payment.yaml"


def repository(folder):
    """A bank's repository: jobs and templates, no tokens."""
    folder.mkdir()
    shutil.copytree(kit.SOURCE / "templates", folder / "templates")
    shutil.copy(kit.SOURCE / "examples/starter/job.yaml", folder)
    return folder


class TemplateCiTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name)
        self.repository = repository(self.folder / "bank")

    def edit(self, file, old, new):
        path = self.repository / file
        path.write_text(kit.changed(path.read_text(), old, new))


class Pipeline(TemplateCiTest):
    def setUp(self):
        super().setUp()
        (self.repository / "ci").mkdir()
        shutil.copy(CI / "check", self.repository / "ci")
        # The program, with its arguments and variables written down.
        self.seen = self.folder / "seen"
        self.program = self.folder / "kpd"
        self.program.write_text(f'#!/bin/sh\n{{ printf "%s\\n" "$@"; env; }} >>{self.seen}\n'
                                f'exec {kit.KPD} "$@"\n')
        self.program.chmod(0o755)

    def check(self, command="ci/check . report.xml"):
        scratch = self.folder / "scratch"
        scratch.mkdir(exist_ok=True)
        result = subprocess.run(
            command, shell=True, cwd=self.repository, capture_output=True, text=True,
            env=dict(os.environ, KPD=str(self.program), KPD_FROM=str(kit.SOURCE),
                     TMPDIR=str(scratch)),
            timeout=kit.PATIENCE, check=False)
        self.assertEqual(list(scratch.iterdir()), [], "something is left behind")
        return result

    def cases(self):
        return ElementTree.parse(self.repository / "report.xml").getroot().iter("testcase")

    def failures(self):
        return [failure for case in self.cases() for failure in case]

    def use_starter_plan(self):
        shutil.copy(kit.SOURCE / "examples/starter/area-plan.yaml", self.repository)

    def test_the_commands_of_both_servers_pass_the_starter(self):
        for file in ("gitlab-ci.yml", "github-actions.yml"):
            (command,) = re.findall(r"^ *- (?:run: )?(ci/check .*)$", (CI / file).read_text(),
                                    re.MULTILINE)
            result = self.check(command)
            self.assertEqual(result.returncode, kit.DONE, result.stderr)
            self.assertGreater(len(list(self.cases())), 40)
            self.assertEqual(self.failures(), [])

    def test_a_mistake_fails_the_pipeline_and_is_in_the_report(self):
        self.edit(BASE, "{compute: afl}", "{compute: alf}")
        result = self.check()
        self.assertEqual(result.returncode, kit.USAGE, result.stderr)
        report = (self.repository / "report.xml").read_text()
        self.assertIn(BASE, report)
        self.assertIn("nothing computed is called 'alf'", report)

    def test_a_key_that_nobody_has_is_told_apart(self):
        self.edit("job.yaml", "object=STORAGE", "object=STORE")
        result = self.check()
        self.assertEqual(result.returncode, kit.HOLD, result.stderr)

    def test_a_plan_of_its_own_makes_the_keys_that_a_job_wants(self):
        self.use_starter_plan()
        self.edit("area-plan.yaml", "  STORAGE: {", "  STORE: {")
        self.edit("job.yaml", "object=STORAGE", "object=STORE")
        result = self.check()
        self.assertEqual(result.returncode, kit.DONE, result.stderr)

    def test_the_pin_is_in_no_argument_and_no_variable(self):
        self.check()
        seen = self.seen.read_text()
        self.assertEqual(seen.count("--pin-fd"), 2)
        self.assertNotRegex(seen, r"\b[0-9a-f]{32}\b")

    def test_without_the_program_it_says_so(self):
        self.program.unlink()
        result = self.check()
        self.assertEqual(result.returncode, kit.USAGE)
        self.assertIn("kpd is not installed", result.stderr)


class Hook(TemplateCiTest):
    def setUp(self):
        super().setUp()
        self.git("init", "--quiet")
        self.git("config", "user.email", "bank@example.org")
        self.git("config", "user.name", "Bank")
        (self.repository / "job.yaml").unlink()
        self.git("add", ".")
        self.git("commit", "--quiet", "--message", "templates")
        shutil.copy(HOOK, self.repository / ".git/hooks")

    def git(self, *arguments):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        return subprocess.run(
            ["git", *arguments], cwd=self.repository, capture_output=True, text=True, check=False,
            env=dict(kept, KPD=kit.KPD, HOME=str(self.folder), GIT_CONFIG_NOSYSTEM="1"))

    def commit(self):
        return self.git("commit", "--message", "change")

    def test_right_templates_are_committed(self):
        self.edit(BASE, 'default: "03", title: "PIN tries', 'default: "05", title: "PIN tries')
        self.git("add", ".")
        result = self.commit()
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_a_mistake_stops_the_commit_and_is_told_with_its_place(self):
        self.edit(BASE, "{compute: afl}", "{compute: alf}")
        self.git("add", ".")
        result = self.commit()
        self.assertNotEqual(result.returncode, 0)
        self.assertRegex(result.stderr, BASE + r":\d+:\d+: .*nothing computed is called 'alf'")
        self.assertEqual(self.git("commit", "--no-verify", "--message", "anyway").returncode, 0)

    def test_what_is_staged_counts_and_not_what_lies_in_the_folder(self):
        self.edit(BASE, "{compute: afl}", "{compute: alf}")
        self.git("add", ".")
        self.edit(BASE, "{compute: alf}", "{compute: afl}")
        self.assertNotEqual(self.commit().returncode, 0)
        self.git("add", ".")
        self.edit(BASE, "{compute: afl}", "{compute: alf}")
        (self.repository / "note.txt").write_text("a note")
        self.git("add", "note.txt")
        self.assertEqual(self.commit().returncode, 0)

    def test_a_job_is_checked_without_a_token(self):
        area = kit.Area.make(self.folder / "area")
        for name in ("ca", "issuers"):
            shutil.copytree(area.folder / name, self.repository / name)
        job = (kit.SOURCE / "examples/starter/job.yaml").read_text()
        (self.repository / "job.yaml").write_text(kit.changed(job, "name: starter\n", "nam: s\n"))
        self.git("add", ".")
        result = self.commit()
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("unknown key 'nam'", result.stderr)
        (self.repository / "job.yaml").write_text(job)
        self.git("add", ".")
        result = self.commit()
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_other_yaml_is_not_looked_at(self):
        (self.repository / "pipeline.yml").write_text("jobs: [build\n")
        (self.repository / "with space.yaml").write_text("kind: Deployment\n")
        self.git("add", ".")
        result = self.commit()
        self.assertEqual(result.returncode, 0, result.stderr)


if __name__ == "__main__":
    unittest.main()
