"""`make explore`: every order of events, up to a bound; exit 1 where a promise breaks."""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor

from tests.explore import planted, scenario
from tests.explore.promises import PROMISES
from tests.explore.scenario import Scenario
from tests.explore.search import Found, explore
from tests.explore.world import Rules
from tests.statemachine import definition
from tests.statemachine.reference import Reference


def main() -> int:
    arguments = _arguments()
    if arguments.plant:
        return _plant(planted.PLANTS[arguments.plant])
    every = scenario.quick() if arguments.quick else scenario.scenarios()
    total = Found()
    with ProcessPoolExecutor() as pool:
        for one, found in zip(every, pool.map(_explored, every), strict=True):
            _say(one, found)
            if found.broken:
                _say_broken(found)
                return 1
            total.states += found.states
            total.transitions += found.transitions
            total.seconds += found.seconds
    print(f"\n{total.states:,} states, {total.transitions:,} steps, {total.seconds:.0f} s")
    print(scenario.BOUNDS)
    print("No promise broken:")
    print("".join(f"  {promise}\n" for promise in PROMISES))
    return 0


def _explored(one: Scenario) -> Found:
    """In a process of its own."""
    with Reference() as reference:
        return explore(Rules(one, definition.load(one.closing), reference))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.explore", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smaller bound, in seconds")
    parser.add_argument("--plant", choices=planted.PLANTS, help="put this fault back")
    return parser.parse_args()


def _say(one: Scenario, found: Found) -> None:
    print(
        f"{one.name:42} attempts {one.attempts:2} faults {one.faults}: {found.states:9,} states, "
        f"{found.transitions:9,} steps, {found.seconds:5.0f} s; trackers {found.most_trackers}",
        flush=True,
    )


def _say_broken(found: Found) -> None:
    assert found.broken
    promise, trace = found.broken
    print(f"\n{promise}. The shortest way there:", *trace, sep="\n")


def _plant(plant: planted.Plant) -> int:
    one = plant.scenario
    with Reference() as reference:
        found = plant.explored(reference)
    _say(one, found)
    if not found.broken:
        print("Planted, and not found.")
        return 0
    _say_broken(found)
    return 1


if __name__ == "__main__":
    sys.exit(main())
