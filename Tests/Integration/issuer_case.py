# A test in whose environment the issuers of the world are those of a stage.

import os
import shutil
import subprocess
import unittest
import unittest.mock

import requests

from issuers.player import Player
from issuers.stage import Stage

PATIENCE = 10
CURL = shutil.which("curl")


class StageTest(unittest.TestCase):
    """A test that sets a stage, and is a client itself."""

    def set_stage(self, *players: Player) -> Stage:
        """Puts up these players, and leads every client in this process to them."""
        stage = Stage(*players)
        self.addCleanup(stage.close)
        patch = unittest.mock.patch.dict(os.environ, stage.environment())
        patch.start()
        self.addCleanup(patch.stop)
        self.stage = stage
        return stage

    def ask(self, method: str, url: str, token: str = "", **more) -> requests.Response:
        """Asks with requests, with a bearer if one is given."""
        if token:
            more.setdefault("headers", {})["Authorization"] = f"Bearer {token}"
        return requests.request(method, url, timeout=PATIENCE, allow_redirects=False, **more)

    def curl(self, *words: str, **environment: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [CURL, "--silent", "--show-error", *words], capture_output=True, timeout=PATIENCE,
            env={"PATH": os.environ["PATH"]} | self.stage.environment() | environment)

    def assertStatus(self, response: requests.Response, status: int) -> requests.Response:
        self.assertEqual(response.status_code, status, response.text[:300])
        return response
