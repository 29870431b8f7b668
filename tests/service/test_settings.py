import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from service.settings import Settings, SettingsError, settings_from, settings_to_dict, settings_to_environment

HASH, OTHER_HASH = "sha256:" + "0123456789abcdef" * 4, "sha256:" + "f" * 64


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.upper().startswith("SLOTWISE_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The settings file of the environment, still to be written."""
    path = tmp_path / "slotwise.toml"
    monkeypatch.setenv("SLOTWISE_CONFIG", str(path))
    return path


def test_an_option_wins_over_the_environment_and_that_over_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_the_file_stands_below_the_environment_and_that_below_options(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text(f'port = 1\nmax_items = 2\nworkers = 3\ncors_origins = ["*"]\nparse_keys = ["{HASH}"]')
    monkeypatch.setenv("SLOTWISE_MAX_ITEMS", "20")
    monkeypatch.setenv("SLOTWISE_WORKERS", "30")
    settings = settings_from(workers=40)
    assert (settings.port, settings.max_items, settings.workers) == (1, 20, 40)
    assert (settings.cors_origins, settings.parse_keys) == (("*",), (HASH,))
    sources = {name: setting["source"] for name, setting in settings_to_dict(settings).items()}
    assert {name for name, source in sources.items() if source == "file"} == {"port", "cors_origins", "parse_keys"}
    assert [sources[name] for name in ("max_items", "workers", "host")] == ["environment", "option", "default"]


@pytest.fixture
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of secrets, with one that is none of ours."""
    monkeypatch.setenv("SLOTWISE_SECRETS", str(tmp_path))
    (tmp_path / "postgres_password").write_text("hunter2")
    return tmp_path


def test_secrets_stand_between_the_file_and_the_environment(
    secrets: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text('host = "file"\ncorrections = "off"\nparse_keys = []')
    (secrets / "slotwise_corrections").write_text(f"sqlite:///{secrets}/x.sqlite\n")
    (secrets / "slotwise_parse_keys").write_text(f"{HASH},{OTHER_HASH}\n")
    (secrets / "slotwise_port").write_text("9000")
    (secrets / "slotwise_admin_keys").write_text("\n")
    monkeypatch.setenv("SLOTWISE_PORT", "9001")
    settings = settings_from()
    assert (settings.corrections, settings.port) == (f"sqlite:///{secrets}/x.sqlite", 9001)
    assert (settings.parse_keys, settings.admin_keys) == ((HASH, OTHER_HASH), ())
    sources = {name: setting["source"] for name, setting in settings_to_dict(settings).items()}
    assert {name for name, source in sources.items() if source == "secret"} == {"corrections", "parse_keys"}


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("slotwise_correction", b"off", "unknown setting 'correction'; did you mean 'corrections'?"),
        ("slotwise_parse_keys", b"hunter2", "setting parse_keys .*it must be"),
        ("slotwise_parse_keys", b"\xff", "SLOTWISE_SECRETS: cannot read"),
    ],
)
def test_what_is_wrong_with_a_secret_is_told_without_it(secrets: Path, name: str, content: bytes, told: str) -> None:
    (secrets / name).write_bytes(content)
    with pytest.raises(SettingsError, match=told) as refused:
        settings_from()
    assert str(secrets) in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_a_folder_of_secrets_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLOTWISE_SECRETS", "/nowhere")
    with pytest.raises(SettingsError, match="SLOTWISE_SECRETS: cannot read /nowhere"):
        settings_from()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"prot = 1", "unknown setting 'prot'; did you mean 'port'?"),
        (b"[slotwise]\nport = 1", "unknown setting 'slotwise'; `slotwise settings` lists"),
        (b"port = 70000", "is 70000"),
        (b"port = =", "not TOML: .*line 1"),
        (b"host = '\xff'", "not TOML: 'utf-8'"),
        (None, "cannot read .*no such file"),
    ],
)
def test_what_is_wrong_with_the_file_is_told_with_its_name(file: Path, content: bytes | None, told: str) -> None:
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingsError, match=told) as refused:
        settings_from()
    assert str(file) in str(refused.value)


@pytest.mark.parametrize(
    ("value", "read"),
    [("", ()), ("*", ("*",)), (" https://a.example , http://b:80,", ("https://a.example", "http://b:80"))],
)
def test_a_list_in_the_environment_is_separated_by_commas(
    value: str, read: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLOTWISE_CORS_ORIGINS", value)
    assert settings_from().cors_origins == read


@pytest.mark.parametrize(
    "name_and_value",
    [
        ("PARSE_KEYS", "hunter2"),
        ("PARSE_KEYS", f"{HASH},hunter2"),
        ("ADMIN_KEYS", HASH.replace("sha256:", "hunter2:")),
        ("ADMIN_KEYS", HASH + "hunter2"),
        ("OTLP_ENDPOINT", "ftp://user:hunter2@collector"),
        ("OTLP_ENDPOINT", "http://hunter2[@collector["),
        ("CORRECTIONS", "mysql://user:hunter2@database/slotwise"),
    ],
)
def test_a_wrong_secret_is_named_but_not_shown(
    name_and_value: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    name, value = name_and_value
    monkeypatch.setenv(f"SLOTWISE_{name}", value)
    with pytest.raises(SettingsError, match=f"SLOTWISE_{name}.*it must be") as refused:
        settings_from()
    assert "hunter2" not in str(refused.value)


def test_secrets_are_masked_where_settings_are_shown() -> None:
    endpoint = "http://user:hunter2@[::1]:4318/v1/traces?token=hunter2"
    settings = settings_from(parse_keys=[HASH, OTHER_HASH], admin_keys=[HASH], otlp_endpoint=endpoint)
    listed = settings_to_dict(settings)
    assert listed["parse_keys"]["value"] == ["sha256:012345...", "sha256:ffffff..."]
    assert listed["otlp_endpoint"]["value"] == "http://***@[::1]:4318/v1/traces?***"
    for shown in (json.dumps(listed), repr(settings)):
        assert "hunter2" not in shown
        assert HASH not in shown


def test_corrections_are_kept_among_the_user_s_data_where_nothing_else_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for home, folder in (("HOME", "/home/ann/.local/share"), ("XDG_DATA_HOME", "/data")):
        monkeypatch.setenv(home, "/home/ann" if home == "HOME" else folder)
        if home == "HOME":
            monkeypatch.delenv("XDG_DATA_HOME", raising=False)
        listed = settings_to_dict(settings_from())["corrections"]
        assert (listed["value"], listed["source"]) == (f"sqlite:///{folder}/slotwise/corrections.sqlite", "default")


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "corrections.sqlite", "mysql://x/y", "on"])
def test_corrections_are_kept_in_a_file_or_in_postgresql(url: str) -> None:
    with pytest.raises(SettingsError, match=r"it must be off, sqlite:///FILE or postgresql://"):
        settings_from(corrections=url)


def test_postgresql_without_its_package_is_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.settings.find_spec", lambda name: None)
    with pytest.raises(SettingsError, match=r"pip install slotwise\[postgresql\]"):
        settings_from(corrections="postgresql://slotwise@database/slotwise")


def test_traces_without_their_packages_are_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(SettingsError, match=r"otlp_endpoint .*pip install slotwise\[otel\]"):
        settings_from(otlp_endpoint="http://collector:4318")


@pytest.mark.parametrize("name", ["wait_seconds", "timeout_seconds", "read_seconds", "stuck_seconds", "drain_seconds"])
@pytest.mark.parametrize("value", ["nan", "inf", "-1"])
def test_seconds_are_finite_and_not_negative(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        settings_from(**{name: value})


def test_another_process_gets_the_same_settings_through_the_environment(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text("cors_origins = ['*']\nlog_requests = true")
    changed: dict[str, Any] = {
        "bundle": Path("other model.pt"),
        "follow_seconds": 0.1,
        "host": "::1",
        "port": 0,
        "workers": 2,
        "device": "cpu",
        "threads": 3,
        "timezone": "Asia/Taipei",
        "max_characters": 100,
        "max_items": 4,
        "max_body_bytes": 5,
        "batch_tokens": 6,
        "queue_items": 7,
        "queue_tokens": 8,
        "wait_seconds": 0.25,
        "timeout_seconds": 1 / 3,
        "read_seconds": 9.5,
        "stuck_seconds": 10.5,
        "drain_seconds": 0.0,
        "parse_keys": (HASH, OTHER_HASH),
        "admin_keys": (OTHER_HASH,),
        "corrections": "sqlite:////srv/what users say, and want.sqlite",
        "corrections_pending": 11,
        "sample_rate": 0.125,
        "sample_below": 0.625,
        "sample_days": 12.5,
        "cors_origins": (),
        "log_requests": False,
        "log_text": True,
        "otlp_endpoint": "http://user:password@collector:4318/v1/traces?a=b,c",
    }
    assert list(changed) == list(Settings.model_fields)
    defaults = Settings()
    assert [name for name, value in changed.items() if getattr(defaults, name) == value] == ["cors_origins"]
    for settings in (settings_from(**changed), defaults):
        with monkeypatch.context() as patch:
            for name, value in settings_to_environment(settings).items():
                patch.setenv(name, value)
            assert settings_from().model_dump() == settings.model_dump()
            assert Settings().model_dump() == settings.model_dump()


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
