"""`custom_timeouts` are rejected, because Pulumi does not pass them to dynamic providers."""

from collections.abc import Callable
from typing import Any

import pytest
from pulumi import ComponentResource, CustomTimeouts, ResourceOptions, ResourceTransformationResult
from pulumi.runtime import register_stack_transformation
from pulumi_sinch import SinchWebhook, SinchWebhooks
from unit.programs import failure_of, run

Declare = Callable[[ResourceOptions], Any]


def declare(opts: ResourceOptions) -> SinchWebhook:
    return SinchWebhook("w", target="https://a.example/", triggers=["ALL"], opts=opts)


@pytest.mark.parametrize(
    "create",
    [
        declare,
        lambda opts: SinchWebhook.get("w", "an-id", opts=opts),
        lambda opts: SinchWebhooks.get("w", opts=opts),
    ],
    ids=["SinchWebhook", "SinchWebhook.get", "SinchWebhooks.get"],
)
@pytest.mark.parametrize(
    "timeouts",
    [
        CustomTimeouts(create="5m"),
        CustomTimeouts(update="1s", delete="1s"),
        CustomTimeouts(read="1h"),
        {"delete": "5m"},
    ],
)
def test_custom_timeouts_fail_the_program(create: Declare, timeouts: Any) -> None:
    """The error names the resource and the setting to use instead."""
    text = failure_of(lambda: create(ResourceOptions(custom_timeouts=timeouts)))
    assert " 'w' has custom_timeouts, which Pulumi does not pass to" in text
    assert "sinch:timeout" in text
    assert "was not registered" in text


def test_custom_timeouts_of_a_transformation_fail_the_program() -> None:
    """Timeouts that a transformation of the stack adds are rejected too."""

    def program() -> None:
        register_stack_transformation(
            lambda given: ResourceTransformationResult(
                given.props,
                ResourceOptions.merge(
                    given.opts, ResourceOptions(custom_timeouts=CustomTimeouts(create="5m"))
                ),
            )
        )
        declare(ResourceOptions())

    assert "has custom_timeouts" in failure_of(program)


@pytest.mark.parametrize("timeouts", [None, CustomTimeouts(), {}])
def test_empty_custom_timeouts_are_accepted(timeouts: Any) -> None:
    """Timeouts without a value are accepted."""
    run(lambda: declare(ResourceOptions(custom_timeouts=timeouts)))


def test_custom_timeouts_of_a_component_are_accepted() -> None:
    """Timeouts of a component are accepted, because its children do not inherit them."""

    def program() -> None:
        timeouts = CustomTimeouts(create="5m")
        parent = ComponentResource("shop:index:C", "c", None, ResourceOptions(custom_timeouts=timeouts))
        declare(ResourceOptions(parent=parent))

    run(program)
