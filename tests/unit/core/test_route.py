from dataclasses import replace

from pulumi_sinch.core import route, target_conflicts
from pulumi_sinch.core.inputs import validate

OTHER = replace(route.PYTHON, adopt="`adopt: true`", booleans="true or false")


def test_messages_use_the_words_of_the_route_that_serves_the_call() -> None:
    """The route of Python programs is the default, before and after a request of another route."""
    with route.serving(OTHER):
        assert "remove `adopt: true`" in target_conflicts.adoption_refused()
        assert "adopt must be true or false" in validate({"adopt": 1})[1]
    assert "remove adopt=True" in target_conflicts.adoption_refused()
    assert "adopt must be True or False" in validate({"adopt": 1})[1]


def test_the_command_that_imports_a_webhook_is_safe_to_paste() -> None:
    """An id is quoted for the shell. Without an id, the command imports the whole project."""
    assert route.PYTHON.import_command("p-1", "a b") == "pulumi-sinch import-file --project p-1 --id 'a b'"
    assert route.PYTHON.import_command("p-1", "") == "pulumi-sinch import-file --project p-1"
