"""The exploration at a smaller bound, and that it finds what is put back."""

from __future__ import annotations

import pytest

from tests.explore.planted import PLANTS, Plant
from tests.explore.scenario import Scenario, quick
from tests.explore.search import explore
from tests.explore.world import Rules
from tests.statemachine import definition
from tests.statemachine.conftest import reference  # noqa: F401
from tests.statemachine.reference import Reference


@pytest.mark.parametrize("scenario", quick(), ids=lambda one: one.name)
def test_no_order_of_events_breaks_a_promise(scenario: Scenario, reference: Reference) -> None:  # noqa: F811
    found = explore(Rules(scenario, definition.load(scenario.closing), reference))
    assert found.broken is None, "\n".join(found.broken[1])
    assert found.states > 100


@pytest.mark.parametrize("plant", PLANTS.values(), ids=PLANTS.keys())
def test_what_is_put_back_is_found(plant: Plant, reference: Reference) -> None:  # noqa: F811
    assert plant.explored(reference).broken is not None
