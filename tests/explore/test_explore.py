"""The exploration at a smaller bound, and that it finds what is put back."""

from __future__ import annotations

import pytest

from tests.explore.__main__ import definition_for
from tests.explore.planted import PLANTS, Plant
from tests.explore.scenario import Scenario, quick
from tests.explore.search import explore
from tests.explore.world import Rules


@pytest.mark.parametrize("scenario", quick(), ids=lambda one: one.name)
def test_no_order_of_events_breaks_a_promise(scenario: Scenario) -> None:
    found = explore(Rules(scenario, definition_for(scenario)))
    assert found.broken is None, "\n".join(found.broken[1])
    assert found.states > 100


@pytest.mark.parametrize("plant", PLANTS.values(), ids=PLANTS.keys())
def test_what_is_put_back_is_found(plant: Plant) -> None:
    with plant.planted(definition_for(plant.scenario)) as definition:
        found = explore(Rules(plant.scenario, definition))
    assert found.broken is not None
