"""Scripts for Node that use the client for pages."""

import asyncio
import json
import shutil
import subprocess

import pytest

from clients.generator.files import FOLDER

PATIENCE_S = 60


async def in_node(script: str) -> object:
    """What a script for Node tells as JSON, when nothing keeps it any more."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("There is no node on this machine.")
    whole = f'import {{ Ringside }} from "{FOLDER}/typescript/ringside.js";\n{script}'
    # Without the word, older versions have no WebSocket.
    command = [node, "--experimental-websocket", "--input-type=module", "--eval", whole]
    told = await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, check=False, timeout=PATIENCE_S
    )
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)
