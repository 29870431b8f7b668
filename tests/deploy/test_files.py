"""What the files of deploy/ name is there: paths, arguments, settings, metrics; and what must fit together does."""

import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import regex
import yaml
from prometheus_client.parser import text_string_to_metric_families

from model.bundle import load_bundle
from model.registry.folder import FolderRegistry
from service.metrics import Metrics
from service.settings import CONFIG, PREFIX, READY_BUNDLE, SECRETS, Settings
from tests.chaos.fragile import write_version
from tests.deploy.parts import DEPLOY, ROOT, dashboard_queries
from training.config import read_config

FINISH_SECONDS = 25  # that the service takes at most for what is in flight (docs/operations.md)
PAGE = ROOT / "docs" / "deployment.md"
FILES = [
    ROOT / "Dockerfile",
    ROOT / "docker-compose.yml",
    PAGE,
    *(file for file in DEPLOY.rglob("*") if file.is_file() and "secrets" not in file.parts),
]
DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", "")
COMPOSE = yaml.safe_load(
    regex.sub(r"\$\{\w+:-([^}]*)\}", r"\1", (ROOT / "docker-compose.yml").read_text())  # nothing is set
)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def manifests() -> dict[str, dict[str, Any]]:
    """By kind."""
    folder = DEPLOY / "kubernetes" / "base"
    return {one["kind"]: one for file in folder.glob("*.yaml") for one in yaml.safe_load_all(file.read_text())}


def seconds(duration: str) -> float:
    return float(duration.removesuffix("s"))


# Paths


def mounted() -> Iterator[str]:
    for service in SERVICES.values():
        yield from (volume.split(":")[0] for volume in service.get("volumes", []))


def test_what_is_mounted_is_there() -> None:
    files = {source for source in mounted() if source.startswith((".", "/"))}
    assert {source for source in files if not (ROOT / source).exists()} == set()
    assert {*mounted()} - files == {*COMPOSE["volumes"]}


def test_what_is_copied_into_the_image_is_there_and_reaches_the_builder() -> None:
    lines = [line.removeprefix("!") for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"]
    copied = regex.findall(r"^COPY (?!--from)(?:--\S+ )*(.+) \S+$", DOCKERFILE, regex.MULTILINE)
    sources = {source for found in copied for source in found.split() if source != "."}
    assert sources
    assert sources <= {*lines}
    assert {line for line in lines if not (ROOT / line).exists()} == set()
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert {*wheel["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]} <= {*lines}
    assert {*wheel["project"]["license-files"], wheel["project"]["readme"]} <= {*lines}


def test_secrets_are_made_once_and_are_those_that_are_mounted(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    for _ in range(2):
        subprocess.run([DEPLOY / "make-secrets.sh", folder], check=True)
        made = {file.name: file.read_text() for file in folder.iterdir()}
    assert {*made} == {*COMPOSE["secrets"]}
    assert all(one["file"] == f"./deploy/secrets/{name}" for name, one in COMPOSE["secrets"].items())
    assert len({made["postgres_password"], made["grafana_password"]}) == 2
    assert all(regex.fullmatch("[0-9a-f]{48}", made[name]) for name in ("postgres_password", "grafana_password"))
    assert made["slotwise_corrections"] == f"postgresql://slotwise:{made['postgres_password']}@postgres/slotwise"
    assert (folder.stat().st_mode & 0o777, (folder / "postgres_password").stat().st_mode & 0o777) == (0o700, 0o644)
    asked = {secret for service in SERVICES.values() for secret in service.get("secrets", [])}
    assert asked == {*COMPOSE["secrets"]}


# Images


def test_what_an_image_is_built_with_are_arguments_of_the_dockerfile() -> None:
    arguments = {*regex.findall(r"^ARG (\w+)", DOCKERFILE, regex.MULTILINE)}
    builds = [service["build"] for service in SERVICES.values() if "build" in service]
    assert builds
    for build in builds:
        assert {*build["args"]} <= arguments
        assert build["context"] == "."


def test_images_have_a_version() -> None:
    images = [service["image"] for service in SERVICES.values()]
    images += regex.findall(r"^FROM (\S+:\S+)", DOCKERFILE, regex.MULTILINE)
    assert all(regex.search(r":v?\$?[\d{]", image) for image in images), images
    own = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert SERVICES["service"]["image"] == f"slotwise:{own}"
    assert f"ARG VERSION={own}\n" in DOCKERFILE
    for variant in ("base", "registry"):
        kustomization = yaml.safe_load((DEPLOY / "kubernetes" / variant / "kustomization.yaml").read_text())
        assert kustomization["images"] == [{"name": "slotwise", "newTag": own}]


def test_every_container_is_confined_and_limited() -> None:
    for name, service in SERVICES.items():
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["deploy"]["resources"]["limits"]["memory"], name


# Settings and metrics


def test_every_variable_is_a_setting() -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields} | {CONFIG, SECRETS, "SLOTWISE_REGISTRY"}
    named = {name for file in FILES for name in regex.findall(r"SLOTWISE_[A-Z_]+", file.read_text())}
    assert {SECRETS, "SLOTWISE_BUNDLE", "SLOTWISE_DRAIN_SECONDS"} <= named
    assert named - known == set()
    secrets = {name for name in COMPOSE["secrets"] if name.startswith("slotwise_")}
    assert {name.removeprefix("slotwise_") for name in secrets} <= Settings.model_fields.keys()


def test_every_metric_is_one_that_the_service_has() -> None:
    families = [*text_string_to_metric_families(Metrics().render()[0].decode())]
    endings = {"histogram": ("_bucket", "_count", "_sum"), "counter": ("_total",), "gauge": ("",)}
    known = {family.name + ending for family in families for ending in endings[family.type]}
    asking = [file for file in FILES if file.parent.name in ("prometheus", "dashboards", "kubernetes", "base")]
    named = {name for file in asking for name in regex.findall(r"slotwise_[a-z_]+", file.read_text())}
    assert len(named) > 15
    assert named - known == set()
    told = {*regex.findall(r"slotwise_[a-z_]+", PAGE.read_text())}
    assert told - known - {family.name for family in families} - COMPOSE["secrets"].keys() == set()


def test_the_dashboard_shows_all_that_is_measured() -> None:
    shown = " ".join(query for queries in dashboard_queries().values() for query in queries)
    families = {family.name for family in text_string_to_metric_families(Metrics().render()[0].decode())}
    assert {name for name in families if name not in shown and not name.endswith("_created")} == set()


def test_the_autoscaler_goes_by_a_metric_that_the_adapter_gives_it() -> None:
    [metric] = manifests()["HorizontalPodAutoscaler"]["spec"]["metrics"]
    adapter = yaml.safe_load((DEPLOY / "kubernetes" / "prometheus-adapter.yaml").read_text())
    [rule] = adapter["rules"]["custom"]
    assert metric["pods"]["metric"]["name"] == rule["name"]["as"]
    assert rule["seriesQuery"].startswith(rule["name"]["as"] + "{")


# What must fit together


def test_nobody_is_killed_who_still_answers() -> None:
    drain = Settings.model_fields["drain_seconds"].default
    assert seconds(SERVICES["service"]["stop_grace_period"]) > drain + FINISH_SECONDS
    pod = manifests()["Deployment"]["spec"]["template"]["spec"]
    [container] = pod["containers"]
    [_, pause] = container["lifecycle"]["preStop"]["exec"]["command"]
    kustomization = yaml.safe_load((DEPLOY / "kubernetes" / "base" / "kustomization.yaml").read_text())
    [settings] = kustomization["configMapGenerator"]
    [drain] = [line.split("=")[1] for line in settings["literals"] if line.startswith("SLOTWISE_DRAIN_SECONDS=")]
    assert pod["terminationGracePeriodSeconds"] > float(pause) + float(drain) + FINISH_SECONDS


def test_nginx_waits_longer_than_the_service_and_takes_what_it_takes() -> None:
    config = (DEPLOY / "nginx" / "nginx.conf").read_text()

    def said(name: str) -> str:
        [found] = {*regex.findall(rf"^ *{name} ([^;]+);", config, regex.MULTILINE)}
        return str(found)

    fields = Settings.model_fields
    assert seconds(said("proxy_read_timeout")) > fields["timeout_seconds"].default
    assert said("client_max_body_size") == "1m"
    assert fields["max_body_bytes"].default == 2**20


def test_the_registry_is_filled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "registry"
    monkeypatch.setenv("SLOTWISE_REGISTRY", str(folder))
    monkeypatch.setenv("SLOTWISE_BUNDLE", str(folder))
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:/usr/bin:/bin")
    write_version(READY_BUNDLE, tmp_path / "next.pt", "next")
    for bundle in ([], [], [tmp_path / "next.pt"]):
        subprocess.run([DEPLOY / "fill-registry.sh", *bundle], check=True, capture_output=True)
    registry = FolderRegistry(folder)
    ready = load_bundle(READY_BUNDLE, "cpu").manifest.version
    assert registry.current == ready
    assert {record.version for record in registry.records()} == {ready, "next"}


def test_the_config_of_retraining_is_one() -> None:
    config = read_config(DEPLOY / "retrain" / "retrain.toml")
    assert config.retrain is not None
    assert {config.retrain.registry, config.retrain.work} <= {
        volume.split(":")[1] for volume in SERVICES["retrain"]["volumes"]
    }
