"""`make coverage`: fail if the unit tests cover less than 95 % of the lines and branches of any module.

The coverage data comes from `make unit COVERAGE=--cov`.
"""

import json
import subprocess
import sys

REQUIRED = 95.0


def main() -> None:
    """Print the coverage report, and fail with a list of the modules below 95 %."""
    coverage = [sys.executable, "-m", "coverage"]
    subprocess.run([*coverage, "report"], check=True)
    shown = subprocess.run(
        [*coverage, "json", "--quiet", "-o", "-"], check=True, capture_output=True, text=True
    )
    modules = json.loads(shown.stdout)["files"]
    covered = {name: module["summary"]["percent_covered"] for name, module in modules.items()}
    low = [f"{name}: {percent:.1f} %" for name, percent in covered.items() if percent < REQUIRED]
    if low:
        sys.exit(
            "\n".join(
                [f"Less than {REQUIRED:g} % of the lines and branches of these modules are covered:", *low]
            )
        )


if __name__ == "__main__":
    main()
