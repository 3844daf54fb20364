"""One wave in two languages: the browser's code answers, this code issues, verifies and opens."""

import base64
import json
import shutil
import subprocess
import uuid
from pathlib import Path
from typing import IO, Any

import pytest

from callroom.core.anonymity import posts, sealing, tokens
from callroom.core.anonymity.sealing import Answers
from tests.core.anonymity import examples

ROOT = Path(__file__).parents[3]
NODE = shutil.which("node", path=f"{ROOT / '.venv' / 'bin'}") or shutil.which("node")
GROUP = 1


def say(pipe: IO[str] | None, value: object) -> None:
    assert pipe is not None
    pipe.write(json.dumps(value) + "\n")
    pipe.flush()


def hear(pipe: IO[str] | None) -> Any:
    assert pipe is not None
    return json.loads(pipe.readline())


@pytest.mark.skipif(NODE is None or not (ROOT / "node_modules").is_dir(), reason="needs node and its packages")
def test_an_answer_of_the_browser_is_issued_verified_and_opened_here() -> None:
    keys, sheet = examples.key_sheet(), examples.wave_sheet()
    command = [str(NODE), str(Path(__file__).with_name("browser_side.mjs"))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as browser:
        say(
            browser.stdin,
            {
                "key_sheet": keys.to_bytes().decode(),
                "wave_sheet": sheet.to_bytes().decode(),
                "group": GROUP,
                "institution_id": str(uuid.UUID(bytes=examples.INSTITUTION_ID)),
            },
        )
        blinded = base64.b64decode(hear(browser.stdout)["blinded"])
        signature = tokens.blind_sign(examples.group_keys()[GROUP], blinded)
        say(browser.stdin, {"signature": base64.b64encode(signature).decode()})
        bodies = [base64.b64decode(hear(browser.stdout)["post"]) for _ in range(2)]

    first, second = (posts.parse(body) for body in bodies)
    group_keys = [tokens.load_public_key(group.public_key) for group in keys.groups]

    assert [len(body) for body in bodies] == [885, 885]
    assert first.message == second.message
    assert opened(first, group_keys) == Answers(worked=True, values=(3, None, 0, None))
    assert opened(second, group_keys) == Answers(worked=False, values=(None,) * 4)
    assert blinded not in bodies[0] + bodies[1]


def opened(post: posts.Post, group_keys: list[Any]) -> Answers:
    posts.verify(post, examples.WAVE, group_keys)
    info = sealing.answer_info(examples.INSTITUTION_ID, examples.WAVE, post.group, post.message, post.revision)
    return sealing.decode_answers(sealing.open_sealed(examples.wave_key(), post.sealed, info), examples.ITEMS)
