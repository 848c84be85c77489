"""A mapping of providers that Pulumi ignores never leads to the default account."""

from collections.abc import Callable
from typing import Any

import pulumi
import pytest
from pulumi import ProviderResource, ResourceOptions, RunError
from pulumi.runtime import register_stack_transformation
from pulumi_sinch import Provider, SinchWebhook, SinchWebhooks
from unit.programs import failure_of, run

Declare = Callable[[ResourceOptions], Any]

each_kind = pytest.mark.parametrize(
    "declare",
    [
        lambda opts: SinchWebhook("w", target="https://a.example/", triggers=["ALL"], opts=opts),
        lambda opts: SinchWebhook.get("w", "an-id", opts=opts),
        lambda opts: SinchWebhooks.get("w", opts=opts),
    ],
    ids=["SinchWebhook", "SinchWebhook.get", "SinchWebhooks.get"],
)


def component(name: str, **options: Any) -> pulumi.ComponentResource:
    return pulumi.ComponentResource("shop:index:Callbacks", name, None, ResourceOptions(**options))


@each_kind
@pytest.mark.parametrize("levels", [1, 3])
def test_a_mapping_that_pulumi_ignores_fails_the_program(declare: Declare, levels: int) -> None:
    """The error names the resource, the provider and the right spelling, also in inner components."""

    def program() -> None:
        parent = component("outer", providers={"sinch": Provider("eu")})
        for level in range(1, levels):
            parent = component(f"inner-{level}", parent=parent)
        declare(ResourceOptions(parent=parent))

    text = failure_of(program)
    for part in ("'w'", "'eu'", 'providers={"sinch": …}', "providers=[…]", "was not registered"):
        assert part in text


@pytest.mark.parametrize(
    ("key", "make"),
    [
        ("sinch", lambda: ProviderResource("pulumi-python", "eu", {"sinch:projectId": "p"})),
        ("pulumi_sinch", lambda: Provider("eu")),
        ("pulumi-sinch", lambda: Provider("eu")),
        ("sinch", lambda: ProviderResource("aws", "eu")),
        ("sinch", lambda: ProviderResource("sinch", "eu")),
    ],
)
def test_any_mapping_that_means_sinch(key: str, make: Callable[[], ProviderResource]) -> None:
    """Raw providers, other keys, and providers that cannot serve a dynamic resource are detected."""

    def program() -> None:
        parent = component("outer", providers={key: make()})
        SinchWebhook.get("w", "an-id", opts=ResourceOptions(parent=parent))

    assert "'eu'" in failure_of(program)


def test_an_outer_list_does_not_excuse_an_inner_mapping() -> None:
    """An ignored mapping of an inner component fails, even if an outer component has a valid list."""

    def program() -> None:
        outer = component("outer", providers=[Provider("us")])
        inner = component("inner", parent=outer, providers={"sinch": Provider("eu")})
        SinchWebhook.get("w", "an-id", opts=ResourceOptions(parent=inner))

    assert "would use provider 'us' instead of provider 'eu'" in failure_of(program)


def test_a_transformation_that_adds_a_mapping() -> None:
    """A transformation that adds an ignored mapping fails before the resource is registered."""

    def program() -> None:
        eu = Provider("eu")

        def transform(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult:
            args.opts.providers = {"sinch": eu}
            return pulumi.ResourceTransformationResult(args.props, args.opts)

        opts = ResourceOptions(transformations=[transform])
        with pytest.raises(RunError, match="'eu'"):
            SinchWebhook("w", target="https://a.example/", triggers=["ALL"], opts=opts)

    assert run(program).names == []


def test_a_transformation_of_the_whole_stack() -> None:
    """A transformation of the stack that adds a mapping to a component is detected."""

    def program() -> None:
        eu = Provider("eu")

        def transform(
            args: pulumi.ResourceTransformationArgs,
        ) -> pulumi.ResourceTransformationResult | None:
            if args.type_ != "shop:index:Callbacks":
                return None
            args.opts.providers = {"sinch": eu}
            return pulumi.ResourceTransformationResult(args.props, args.opts)

        register_stack_transformation(transform)
        SinchWebhook.get("w", "an-id", opts=ResourceOptions(parent=component("outer")))

    assert "'eu'" in failure_of(program)


PROVIDERS: dict[str, Callable[[], ProviderResource]] = {
    "eu": lambda: Provider("eu"),
    "us": lambda: Provider("us"),
    "plugin": lambda: ProviderResource("sinch", "plugin"),
    "cloud": lambda: ProviderResource("aws", "cloud"),
    "acme": lambda: ProviderResource("pulumi-python", "acme"),
}


@each_kind
@pytest.mark.parametrize(
    ("of_component", "of_resource", "used"),
    [
        ({"providers": ["eu"]}, {}, "eu"),
        ({"provider": "eu"}, {}, "eu"),
        ({"providers": {"pulumi-python": "eu"}}, {}, "eu"),
        ({"providers": {"sinch": "eu", "pulumi-python": "eu"}}, {}, "eu"),
        ({"providers": {"sinch": "eu"}}, {"provider": "us"}, "us"),
        ({"providers": {"sinch": "eu"}}, {"providers": ["us"]}, "us"),
        ({"providers": ["plugin", "eu"]}, {}, "eu"),
        ({"providers": ["cloud"]}, {}, ""),
        ({"providers": {"acme": "acme"}}, {}, ""),
    ],
)
def test_what_works_keeps_working(
    of_component: dict[str, Any], of_resource: dict[str, Any], used: str, declare: Declare
) -> None:
    """Lists, the real package name, a resource's own provider, and mappings for other packages work."""

    def program() -> None:
        made = {name: make() for name, make in PROVIDERS.items()}

        def filled_in(given: Any) -> Any:
            if isinstance(given, dict):
                return {key: filled_in(value) for key, value in given.items()}
            return [made[name] for name in given] if isinstance(given, list) else made[given]

        parent = component("outer", **filled_in(of_component))
        declare(ResourceOptions(parent=parent, **filled_in(of_resource)))

    assert run(program).provider_names == {"w": used}


@each_kind
@pytest.mark.filterwarnings("ignore:Provider map key sinch disagrees:UserWarning")
def test_a_mapping_of_the_resource_itself_is_used(declare: Declare) -> None:
    """A mapping on the resource itself is used: Pulumi finds the package, and warns about the key."""
    recorder = run(lambda: declare(ResourceOptions(providers={"sinch": Provider("eu")})))
    assert recorder.provider_names == {"w": "eu"}
