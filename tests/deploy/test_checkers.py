"""The files of deploy/ by the programs that know them. make check-deploy installs those that pip has."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deploy.parts import DEPLOY, ROOT, Nginx, Replica

OF_THE_SYSTEM = {"nginx", "promtool"}
CHECKS = {
    "compose": "check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml deploy/compose.tls.yml",
    "Dockerfile": "hadolint Dockerfile",
    "alerts": "promtool check rules deploy/prometheus/alerts.yml",
    "alerts ring": "promtool test rules deploy/prometheus/alerts-test.yml",
    "Prometheus": "promtool check config deploy/prometheus/prometheus.yml",
}


def check(*command: str | Path) -> str:
    """What a program says; it must be content."""
    program = str(command[0])
    if shutil.which(program) is None:
        if program in OF_THE_SYSTEM:
            pytest.skip(f"{program} is not installed: apt-get install nginx-light prometheus")
        pytest.fail(f"{program} is not installed: run make check-deploy")
    done = subprocess.run([*command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("command", CHECKS.values(), ids=CHECKS)
def test_a_file_is_what_its_program_reads(command: str) -> None:
    check(*command.split())


@pytest.mark.parametrize("variant", ["base", "registry"])
def test_the_manifests_are_of_kubernetes(variant: str, tmp_path: Path) -> None:
    rendered = tmp_path / "rendered.yaml"
    rendered.write_text(check("kubectl", "kustomize", DEPLOY / "kubernetes" / variant))
    check("kubernetes-validate", "--strict", rendered)


@pytest.mark.parametrize("listen", ["listen.conf", "listen-tls.conf"])
def test_nginx_takes_its_configuration(listen: str, tmp_path: Path, certificate: Path) -> None:
    nginx = Nginx(tmp_path, [Replica({})])
    nginx.listen(listen, certificate)
    check(*nginx.command("-t"))
