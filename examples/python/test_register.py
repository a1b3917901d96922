"""Run with: catchpost run -- python3 -m unittest"""

import json
import os
import unittest
import urllib.request

from app import App


def catchpost(path):
    request = urllib.request.Request(os.environ["CATCHPOST_URL"] + "/v1" + path)
    if os.environ.get("CATCHPOST_TOKEN"):
        request.add_header("Authorization", "Bearer " + os.environ["CATCHPOST_TOKEN"])
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


class Register(unittest.TestCase):
    def test_new_user_gets_a_code_that_works(self):
        app = App()
        app.register("anna@x.test")
        codes = catchpost("/messages/latest/codes?to=anna@x.test&wait=10s")["codes"]
        self.assertTrue(app.verify("anna@x.test", codes[0]["code"]))


if __name__ == "__main__":
    unittest.main()
