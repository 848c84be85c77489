import base64
import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path
from unittest.mock import MagicMock

import pytest
from pulumi.dynamic.dynamic import serialize_provider
from pulumi_sinch.provider import SinchWebhookProvider

# In the state of every stack that ever had a webhook: refresh and destroy import the class from there. Never
# change it.
RECORDED = "gASVNQAAAAAAAACMFXB1bHVtaV9zaW5jaC5wcm92aWRlcpSMFFNpbmNoV2ViaG9va1Byb3ZpZGVylJOUKYGULg=="

# gRPC is compiled for one Python version, and pickling does not need it.
PICKLE_ELSEWHERE = """
import importlib.abc, importlib.machinery, sys
from unittest.mock import MagicMock

class NoGrpc(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "grpc":
            return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        module = MagicMock(name=spec.name, __path__=[], __spec__=spec, __version__="999.0.0")
        module.first_version_is_lower = lambda one, other: False
        return module

    def exec_module(self, module):
        pass

sys.meta_path.insert(0, NoGrpc())
from pulumi.dynamic.dynamic import serialize_provider
from pulumi_sinch.provider import SinchWebhookProvider
print(serialize_provider(SinchWebhookProvider()))
"""


def test_the_provider_in_the_state() -> None:
    """`__provider` in the state is short and never changes."""
    assert serialize_provider(SinchWebhookProvider()) == RECORDED
    assert len(RECORDED) < 120


def test_a_recorded_provider_comes_back() -> None:
    """A recorded provider is unpickled as the current class."""
    provider = pickle.loads(base64.b64decode(RECORDED))  # noqa: S301 - our own
    assert type(provider) is SinchWebhookProvider
    assert (SinchWebhookProvider.__module__, SinchWebhookProvider.__qualname__) == (
        "pulumi_sinch.provider",
        "SinchWebhookProvider",
    )


@pytest.mark.parametrize("version", ["3.10", "3.11", "3.12", "3.13"])
def test_every_python_writes_the_same(version: str) -> None:
    """All Python versions from 3.10 to 3.13 write the same `__provider`, so that a change shows no diff."""
    python = _find(version)
    if python is None:
        pytest.skip(f"there is no Python {version} on this machine to try it with")
    # The packages of this environment. Pickling does not need packages compiled for another version.
    packages = [
        str(Path(pickle_package).parent.parent) for pickle_package in (_file("pulumi"), _file("pulumi_sinch"))
    ]
    finished = subprocess.run(
        [python, "-B", "-c", PICKLE_ELSEWHERE],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(packages)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert finished.stdout.strip() == RECORDED, finished.stderr


def _find(version: str) -> str | None:
    """Return a Python on the PATH, or of pyenv, whose shims run only the selected version."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    installed = [str(path) for path in pyenv.glob(f"versions/{version}.*/bin/python")]
    found = [shutil.which(f"python{version}"), *installed]
    return next((python for python in found if python and _runs(python)), None)


def _runs(python: str) -> bool:
    return subprocess.run([python, "-c", ""], capture_output=True, timeout=60, check=False).returncode == 0


def _file(package: str) -> str:
    return str(sys.modules[package].__file__)


def test_an_instance_is_empty() -> None:
    """Only `configure` sets attributes on a provider. Others would be in every resource's state."""
    provider = SinchWebhookProvider()
    assert vars(provider) == {}
    assert SinchWebhookProvider.serialize_as_secret_always is False
    request = MagicMock()
    request.config.get = {"sinch:keyId": "key-id", "sinch:keySecret": "s3cret"}.get
    provider.configure(request)
    assert set(vars(provider)) == {"settings"}
    assert vars(SinchWebhookProvider()) == {}
