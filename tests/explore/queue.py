"""SQS: what it delivers, when, and how often."""

from __future__ import annotations

from collections.abc import Iterator

from tests.explore import promises
from tests.explore.scenario import SECOND, Scenario, request
from tests.explore.steps import Step, by_id, changed, fault, joined, payments_of, with_item
from tests.explore.values import Message, Worker, World

VISIBILITY_TIMEOUT = 180 * SECOND
AT_ONCE = 2


def deliveries(world: World, scenario: Scenario) -> Iterator[Step]:
    visible = [one for one in world.messages if one.visible_at <= world.now]
    for one in visible:
        if _may_begin(world, one):
            yield _deliver(world, (one,))
    if (
        len(visible) > 1
        and all(_may_begin(world, one) for one in visible)
        and len({request(one.body).named for one in visible}) == len(visible)
    ):
        yield _deliver(world, tuple(visible))
    if len(world.workers) == AT_ONCE:
        return
    first_later = len(scenario.events)
    for number, event in enumerate(scenario.later, first_later):
        if world.owed[number] == "":
            # To arrive and wait is the same as to arrive when it is received.
            arrived = Message(event.id, event.body, world.now)
            owed = promises.owed_from_now(world, request(event.body))
            later = world._replace(
                owed=with_item(world.owed, number, owed), messages=(*world.messages, arrived)
            )
            yield _deliver(later, (arrived,))


def again(world: World) -> Iterator[Step]:
    """SQS delivers a message once more."""
    if not world.faults:
        return
    for one in world.messages:
        if one.visible_at > world.now and one.receives and _may_begin(world, one):
            shared = changed(world, one.id, shared=True, asked_at=None)
            [copy] = [each for each in shared.messages if each.id == one.id]
            busy = any(one.id == r.id for w in world.workers for r in w.records)
            how = "to a second worker" if busy else "too early"
            received = _deliver(shared, (copy,)).world
            yield fault(f"SQS delivers it {how} ({one.id})", received)
    for one in world.ghosts:
        if _may_begin(world, one):
            ghosts = tuple(each for each in world.ghosts if each.id != one.id)
            back = world._replace(ghosts=ghosts, messages=(*world.messages, one))
            received = _deliver(back, (one,)).world
            label = f"SQS delivers it though it was deleted ({one.id})"
            yield fault(label, received)


def _deliver(world: World, messages: tuple[Message, ...]) -> Step:
    now = world.now
    received = tuple(
        one._replace(
            receives=one.receives + 1,
            first_received=one.first_received if one.receives else now,
            visible_at=now + VISIBILITY_TIMEOUT,
        )
        for one in messages
    )
    ids = {one.id for one in messages}
    others = (one for one in world.messages if one.id not in ids)
    world = world._replace(messages=by_id((*others, *received)))
    # Only what a record shows: when it was asked before is the world's to know.
    records = tuple(one._replace(visible_at=0, asked_at=None, shared=False) for one in received)
    worker = Worker(records, now)
    label = f"delivered: {', '.join(f'{one.id} ({one.receives})' for one in received)}"
    return Step(label, world._replace(workers=joined(world, worker)))


def _may_begin(world: World, message: Message) -> bool:
    payment = request(message.body).payment
    return sum(payment in payments_of(one) for one in world.workers) < AT_ONCE
