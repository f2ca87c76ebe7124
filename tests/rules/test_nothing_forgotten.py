"""Whatever happens around the function, no payment is forgotten and no outcome is invented.

A stateful model: hypothesis invents the history of a few payments (events published twice,
deliveries repeated, crashes, AWS calls that fail or are done unheard, late tokens, trackers that
ended and are needed again, operators who redrive) and the real line runs inside it, with answers
that are really signed. The invariants stand in `model_world`: an outcome only ever from an answer
signed in that very invocation, or from the cutoff; every payment in the queue, in a tracker, in
the dead-letter queue or with an outcome.
"""

from __future__ import annotations

from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.rules.alipay import Alipay
from tests.rules.line import CUTOFF, Line
from tests.rules.model_aws import Fault
from tests.rules.model_gateway import Mood
from tests.rules.model_world import PAYMENTS, World, naming

payments = st.sampled_from(sorted(PAYMENTS))
# A proven failure has the longest story after it: dead letters, failed trackers, redrives.
moods = st.sampled_from([*Mood, *[Mood.REFUSES] * 4])
some_faults = st.lists(st.sampled_from(Fault), min_size=1, max_size=4)
durations = st.sampled_from([0.0, 0.2, 3.0, 8.0])
waits = st.sampled_from([1, 5, 8, 30, 60, 180, 900, 2700, 3 * 3600])
before_cutoff = st.sampled_from([90, 41, 36, 33, 30, 10, 1, 0, -1, -3600])
MOST_ROUNDS_OF_A_HEALED_WORLD = 30


class PaymentsToCancel(RuleBasedStateMachine):
    """The history of a few payments."""

    line: Line
    alipay: Alipay

    @initialize(first=st.dictionaries(payments, moods, min_size=1))
    def a_world(self, first: dict[str, Mood]) -> None:
        self.world = World(self.line, self.alipay)
        self.world.gateway.moods |= first
        for payment in first:
            self.world.publish(payment)

    @rule(payment=payments, mood=moods)
    def alipay_changes_its_mind(self, payment: str, mood: Mood) -> None:
        self.world.gateway.moods[payment] = mood

    @rule(mood=moods)
    def alipay_changes_its_mind_about_everything(self, mood: Mood) -> None:
        self.world.gateway.moods = dict.fromkeys(PAYMENTS, mood)

    @rule(payment=payments, mood=moods)
    def a_payment_expires_or_is_closed(self, payment: str, mood: Mood) -> None:
        self.world.gateway.moods[payment] = mood
        self.world.publish(payment)

    @rule()
    def a_message_that_nobody_can_read_arrives(self) -> None:
        self.world.publish_unreadable()

    @rule(most=st.integers(1, 10), seconds=durations)
    def a_batch_is_delivered(self, most: int, seconds: float) -> None:
        if batch := self.world.queue.receivable(self.world.now, most):
            self.world.deliver(batch, seconds=seconds)

    @rule(most=st.integers(1, 10), seconds=durations, faults=some_faults)
    def a_batch_is_delivered_while_aws_fails(
        self, most: int, seconds: float, faults: list[Fault]
    ) -> None:
        if batch := self.world.queue.receivable(self.world.now, most):
            self.world.deliver(batch, faults, seconds)

    @precondition(lambda self: self.world.queue.messages or self.world.queue.ghosts)
    @rule(data=st.data(), faults=some_faults)
    def a_message_is_delivered_once_more(self, data: st.DataObject, faults: list[Fault]) -> None:
        """In flight, waiting or deleted already: SQS promises at least once, never just once."""
        candidates = self.world.queue.messages + self.world.queue.ghosts[-5:]
        self.world.deliver([data.draw(st.sampled_from(candidates), "message")], faults)

    @rule(seconds=waits)
    def time_passes(self, seconds: int) -> None:
        self.world.advance(self.world.now + timedelta(seconds=seconds))

    @precondition(lambda self: self.world.next_moment() is not None)
    @rule()
    def time_passes_until_something_happens(self) -> None:
        moment = self.world.next_moment()
        assert moment is not None
        self.world.advance(moment)

    @precondition(lambda self: self.world.next_moment() is not None)
    @rule(rounds=st.integers(5, 15))
    def a_while_goes_by_undisturbed(self, rounds: int) -> None:
        self._go_on(rounds)

    @rule(seconds=before_cutoff)
    def the_cutoff_draws_near(self, seconds: int) -> None:
        self.world.advance(CUTOFF - timedelta(seconds=seconds))

    @rule()
    def the_function_is_down_for_hours(self) -> None:
        self.world.function_is_down()

    @precondition(lambda self: self.world.queue.dead)
    @rule()
    def an_operator_redrives_the_dead_letters(self) -> None:
        self.world.redrive_dead_letters()

    @rule(data=st.data())
    def an_operator_redrives_a_failed_tracker(self, data: st.DataObject) -> None:
        running = {naming(one.payment) for one in self.world.trackers.running()}
        failed = [
            one
            for one in self.world.trackers.executions.values()
            if one.status == "FAILED"
            and one.error != "Unresolved"
            and naming(one.payment) not in running
        ]
        if failed:
            self.world.redrive_tracker(data.draw(st.sampled_from(failed), "tracker"))

    @invariant()
    def nothing_is_forgotten(self) -> None:
        assert self.world.forgotten() == set()

    @invariant()
    def no_payment_has_two_trackers(self) -> None:
        assert self.world.twice_tracked() == set()

    def teardown(self) -> None:
        """Once all faults are mended, every payment comes to its end, and soon."""
        if not hasattr(self, "world"):
            return
        self.world.gateway.moods = dict.fromkeys(PAYMENTS, Mood.CANCELS)
        self._go_on(MOST_ROUNDS_OF_A_HEALED_WORLD)

        assert self.world.next_moment() is None, "something goes round for ever"
        assert self.world.forgotten() == set()
        assert not self.world.trackers.running()
        assert all(one.status != "RUNNING" for one in self.world.trackers.executions.values())

    def _go_on(self, rounds: int) -> None:
        for _ in range(rounds):
            if batch := self.world.queue.receivable(self.world.now):
                self.world.deliver(batch)
            elif (moment := self.world.next_moment()) is not None:
                self.world.advance(moment)


def test_no_payment_is_forgotten_and_no_outcome_is_invented(line: Line, alipay: Alipay) -> None:
    PaymentsToCancel.line, PaymentsToCancel.alipay = line, alipay

    run_state_machine_as_test(
        PaymentsToCancel,
        settings=settings(
            max_examples=120,
            stateful_step_count=40,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
