"""The pytest fixture for users of the package."""

import subprocess
import sys

import pytest

pytest_plugins = ["pytester"]


def test_the_fixture_points_a_test_at_a_fresh_emulator(pytester: pytest.Pytester) -> None:
    """Each test gets its own emulator by the fixture's name."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("turn", [1, 2])
        def test_mine(sinch_emulator, turn):
            assert sinch_emulator.environment["SINCH_API_URL"].startswith("http://127.0.0.1:")
            assert sinch_emulator.webhooks() == []
            sinch_emulator.create_webhook("https://a.example")
        """
    )
    pytester.runpytest_subprocess("-W", "error").assert_outcomes(passed=2)


def test_the_plugin_loads_nothing_heavy() -> None:
    """The plugin loads no flask, requests or pydantic until the fixture is used."""
    code = (
        "import sys, pulumi_sinch.emulator.pytest_plugin\n"
        "print(sorted({'flask', 'werkzeug', 'requests', 'pydantic', 'click'} & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"
