"""Tokens that stand in files: killed log-ins, copied work areas."""

import shutil
import time
import unittest

import kpd_test_kit as kit
from key_office import keys_of


class TokenSafety(kit.AreaTest):
    def token_files(self):
        files = sorted((self.area.folder / "tokens").glob("*/token.object"))
        self.assertTrue(files)
        return files

    def test_a_token_that_a_kill_left_empty_comes_back(self):
        before = keys_of(self.area)
        for file in self.token_files():
            file.write_bytes(b"")
        result = self.area.run("key", "list", "--area", self.area.folder)
        self.expect(result, kit.DONE, "its copy is back")
        self.assertEqual(keys_of(self.area), before)
        self.assertNotIn("copy", self.area.run("key", "list", "--area", self.area.folder).err)

    def test_log_ins_killed_at_any_instant_lose_no_token(self):
        for n in range(25):
            killed = self.area.start("key", "list", "--area", self.area.folder)
            time.sleep(0.004 * n)
            killed.kill()
            killed.communicate()
        self.expect(self.area.run("key", "list", "--area", self.area.folder), kit.DONE)

    def test_a_copied_area_does_not_work_on_the_tokens_of_the_first(self):
        copy = self.area.folder.parent / "copied"
        shutil.copytree(self.area.folder, copy)
        self.addCleanup(shutil.rmtree, copy)
        result = self.area.run("key", "list", "--area", copy)
        self.expect(result, kit.HOLD, "copied or moved", "softhsm2.conf")


if __name__ == "__main__":
    unittest.main()
