"""Container images get digests from the registry, and new ones when asked again."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

from tabbook.base.engine import REPOSITORY

DOCKER = """#!/bin/sh
[ "$1 $2 $3" = "buildx imagetools inspect" ] || exit 1
printf 'sha256:%s\\n' "$(echo "$4 $SALT" | sha256sum | cut -d ' ' -f 1)"
"""


def test_images_are_named_by_digests(tmp_path: Path) -> None:
    for folder in (".ci", ".github", ".devcontainer"):
        shutil.copytree(REPOSITORY / folder, tmp_path / folder)
    docker = tmp_path / "bin/docker"
    docker.parent.mkdir()
    docker.write_text(DOCKER, "utf-8")
    docker.chmod(0o755)

    def pinned(salt: str) -> set[str]:
        path = f"{docker.parent}:{os.environ['PATH']}"
        result = subprocess.run(
            [tmp_path / ".ci/pin-images"],
            env={"PATH": path, "SALT": salt},
            capture_output=True,
            text=True,
            check=True,
        )
        devcontainer = tmp_path / ".devcontainer/devcontainer.json"
        images = [json.loads(devcontainer.read_text("utf-8"))["image"]]
        for workflow in (tmp_path / ".github/workflows").glob("*.yml"):
            for line in workflow.read_text("utf-8").splitlines():
                if line.strip().startswith("container:"):
                    images.append(line.split(": ")[1])
        assert len(images) == 4
        assert sorted(set(images)) == sorted(result.stdout.split())
        return set(images)

    first, again = pinned("a"), pinned("b")
    assert all(image.count("@sha256:") == 1 for image in first | again)
    assert first.isdisjoint(again)
