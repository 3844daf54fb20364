"""What Callroom stands on and where it computes with keys: the committed lists are what lock files and sources say."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from types import ModuleType

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tests.rules.house import ROOT

REFERENCE = ROOT / "docs" / "reference"
BOM = REFERENCE / "callroom.cdx.json"


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("inventory", ROOT / "tools" / "inventory.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["inventory"] = module
    spec.loader.exec_module(module)
    return module


inventory = _load()


@pytest.mark.parametrize("name", ["dependencies.md", "cryptography.md", "callroom.cdx.json"])
def test_the_committed_list_is_the_generated_one(name: str) -> None:
    assert (REFERENCE / name).read_text(encoding="utf-8") == inventory.pages()[name], "run `make inventory`"


def test_the_bill_of_materials_is_valid_cyclonedx() -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(BOM.read_text(encoding="utf-8")) is None


def test_a_broken_bill_is_found() -> None:
    broken = json.loads(BOM.read_text(encoding="utf-8"))
    broken["components"][0]["type"] = "nothing of the kind"

    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(broken)) is not None


def test_it_holds_every_locked_package_once_with_its_version() -> None:
    listed = {component["purl"] for component in json.loads(BOM.read_text(encoding="utf-8"))["components"]}
    lock = (ROOT / "requirements" / "base.txt").read_text(encoding="utf-8")
    python = {
        f"pkg:pypi/{re.sub(r'[-_.]+', '-', name).lower()}@{version}"
        for name, version in re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^ \\;]+)", lock, re.MULTILINE)
    }

    assert {purl for purl in listed if purl.startswith("pkg:pypi/")} == python
    assert len(python) > 20
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    shipped = {name for name, entry in packages.items() if name and not entry.get("dev") and not entry.get("optional")}
    assert len({purl for purl in listed if purl.startswith("pkg:npm/")}) == len(shipped)


def test_it_holds_no_address_of_a_registry_no_date_and_no_serial_number() -> None:
    bom = json.loads(BOM.read_text(encoding="utf-8"))
    texts = json.dumps({key: value for key, value in bom.items() if key != "$schema"})

    assert not re.search(r"https?://", texts)
    assert not {"serialNumber", "timestamp"} & {*bom, *bom["metadata"]}


def test_every_file_that_computes_with_keys_is_in_the_inventory_once() -> None:
    listed = [module for primitive in inventory.PRIMITIVES for module in primitive.modules]

    with_keys = inventory.modules_with_cryptography(inventory.WITH_KEYS_OR_CHANCE)
    assert sorted(with_keys - set(listed)) == []
    assert sorted(set(listed) - inventory.modules_with_cryptography()) == []
    assert len(with_keys) > 20
    assert len(listed) == len(set(listed))


def test_a_file_that_is_not_in_it_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    """The search is no list: it finds an import wherever it stands."""
    from pathlib import Path

    folder = Path(str(tmp_path))
    (folder / "new.py").write_text("def f():\n    import secrets\n    return secrets\n")
    monkeypatch.setattr(inventory, "SOURCE", folder)

    assert "new.py" in inventory.modules_with_cryptography(inventory.WITH_KEYS_OR_CHANCE)


WEAK = re.compile(r"\b(?:md5|sha1|SHA1|DES|RC4|ECB)\b|PKCS1v15\(")


def test_nothing_weak_is_called_in_our_own_code() -> None:
    found = {
        path.name: match.group()
        for path in (*(ROOT / "src" / "callroom").rglob("*.py"), *(ROOT / "browser").glob("*.js"))
        if (match := WEAK.search(path.read_text(encoding="utf-8")))
    }

    assert found == {}
