import json
from pathlib import Path
from typing import Any

import pytest

from service.settings import Settings, SettingsError, settings_from, settings_to_dict


def test_an_option_wins_over_the_environment_and_that_over_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SLOTWISE_PORT", raising=False)
    assert settings_from().port == 8000
    monkeypatch.setenv("SLOTWISE_PORT", "9000")
    assert settings_from().port == 9000
    assert settings_from(port=9001, host=None).port == 9001
    assert settings_from(host=None).host == "127.0.0.1"


def test_an_empty_variable_is_an_unset_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLOTWISE_PORT", "")
    assert settings_from().port == 8000


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "x"), ("PORT", "70000"), ("DEVICE", "tpu"), ("WORKERS", "0"), ("TIMEZONE", "Mars")]
)
def test_an_impossible_value_is_named_with_its_variable(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"SLOTWISE_{name}", value)
    with pytest.raises(SettingsError, match=f"SLOTWISE_{name}.*'{value}'"):
        settings_from()


def test_a_longer_text_than_the_model_takes_cannot_be_allowed() -> None:
    with pytest.raises(SettingsError, match="2000"):
        settings_from(max_characters=2001)


def test_every_setting_is_listed_with_its_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLOTWISE_MAX_ITEMS", "7")
    listed = settings_to_dict(settings_from())
    assert list(listed) == list(Settings.model_fields)
    assert (listed["max_items"]["value"], listed["max_items"]["source"]) == (7, "environment")
    assert listed["max_items"]["variable"] == "SLOTWISE_MAX_ITEMS"
    assert listed["max_body_bytes"]["source"] == "default"
    assert all(setting["description"] for setting in listed.values())


def test_the_command_prints_one_json_object_or_one_line_of_error(
    command: Any, tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = json.loads(command("settings", "--json").out)["bundle"]
    assert (bundle["value"], bundle["source"]) == (str(tiny_bundle), "environment")
    assert len(command("settings").out.splitlines()) == len(Settings.model_fields)
    monkeypatch.setenv("SLOTWISE_PORT", "x")
    wrong = command("settings", "--json")
    assert (wrong.status, wrong.out) == (1, "")
    assert wrong.error.startswith("slotwise: setting port (SLOTWISE_PORT) is 'x'")
    assert wrong.error.count("\n") == 1
