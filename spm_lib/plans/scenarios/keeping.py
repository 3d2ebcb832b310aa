"""Target scenarios in the client's folder: kept, taken up again, listed."""

from __future__ import annotations

import tomllib
from pathlib import Path

from spm_lib.core.errors import ParameterError
from spm_lib.plans.scenarios.target_scenario import VERSION, TargetScenario
from spm_lib.plans.scenarios.toml_text import read_target_scenario, scenario_text
from spm_lib.store import ClientFolder, write_whole


def kept_names(workspace: Path, *, version: int) -> list[str]:
    """Return the names of the client's scenario files of one version, sorted.

    A file whose version cannot be read is listed under every one, so that it is not overlooked.
    """
    files = ClientFolder.of(workspace).scenarios.glob("*.toml")
    return sorted(file.stem for file in files if _version(file) in (version, None))


def _version(file: Path) -> object:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8")).get("version")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return None


def target_scenario_names(workspace: Path) -> list[str]:
    """Return the names of the client's target scenarios, sorted."""
    return kept_names(workspace, version=VERSION)


def save_target_scenario(workspace: Path, scenario: TargetScenario) -> Path:
    """Write a scenario into the client's folder, whole or not at all.

    Raises
    ------
    WorkspaceError
        If the name cannot be the name of a file.
    """
    return write_whole(ClientFolder.of(workspace).scenario(scenario.name), scenario_text(scenario))


def load_target_scenario(workspace: Path, name: str) -> TargetScenario:
    """Read a target scenario: by its name in the client's folder, or by the path of its file.

    Raises
    ------
    ParameterError
        If there is none of that name (those that there are are listed), or it says what cannot be.
    """
    path = _file(workspace, name)
    if not path.is_file():
        raise ParameterError(
            f"There is no scenario '{name}'.",
            found=", ".join(target_scenario_names(workspace)) or "no saved target scenarios",
            do="Name one of them, or propose one with `spm plan init`",
        )
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ParameterError(
            f"The scenario file {path.name} is not UTF-8 text.", do="Save it again as UTF-8"
        ) from None
    return read_target_scenario(text, source=path.name)


def _file(workspace: Path, name: str) -> Path:
    given = Path(name)
    return given if given.suffix == ".toml" else ClientFolder.of(workspace).scenario(name)
