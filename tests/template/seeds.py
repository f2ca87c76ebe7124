"""One mistake per rule, at least, as somebody would make it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.template import alarms, deliveries, function, queues, tracker, wholes
from tests.template.deployed import FUNCTION, STATE_MACHINE, Deployed, Rule

type Seed = Callable[[Deployed], Deployed | None]

MAPPING = "CancelPaymentFunctionPaymentTimeouts"


def put(name: str, *path: str | int, to: Any) -> Seed:
    """Set a property of a resource."""

    def seed(deployed: Deployed) -> None:
        place: Any = deployed.properties(name)
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = to

    return seed


def drop(name: str, *path: str | int) -> Seed:
    """Leave out a property of a resource."""

    def seed(deployed: Deployed) -> None:
        place: Any = deployed.properties(name)
        for step in path[:-1]:
            place = place[step]
        del place[path[-1]]

    return seed


def state(name: str, **fields: Any) -> Seed:
    """Set or, with None, leave out fields of a state."""

    def seed(deployed: Deployed) -> None:
        for key, value in fields.items():
            deployed.definition["States"][name][key] = value
            if value is None:
                del deployed.definition["States"][name][key]

    return seed


def text(old: str, new: str) -> Seed:
    """Change the text of the template, which rules about comments read."""

    def seed(deployed: Deployed) -> Deployed:
        assert old in deployed.source
        return replace(deployed, source=deployed.source.replace(old, new, 1))

    return seed


def without(name: str) -> Seed:
    """Leave out a resource."""

    def seed(deployed: Deployed) -> None:
        del deployed.template["Resources"][name]

    return seed


def of_template(change: Callable[[dict[str, Any]], object]) -> Seed:
    def seed(deployed: Deployed) -> None:
        change(deployed.template)

    return seed


PATTERN = ("EventPattern", "detail", "$or")

SEEDS: list[tuple[Rule, Seed]] = [
    (queues.visibility_is_six_times_the_timeout, put(FUNCTION, "Timeout", to=31)),
    (
        queues.visibility_is_six_times_the_timeout,
        drop("PaymentTimeoutsQueue", "VisibilityTimeout"),
    ),
    (
        queues.receives_cover_the_fast_phase,
        put("PaymentTimeoutsQueue", "RedrivePolicy", "maxReceiveCount", to=13),
    ),
    (
        queues.dead_letters_are_kept_longer,
        drop("PaymentTimeoutsDeadLetterQueue", "MessageRetentionPeriod"),
    ),
    (
        queues.concurrency_fits_the_reserved,
        put(FUNCTION, "ReservedConcurrentExecutions", to=100),
    ),
    (
        queues.every_consumed_queue_has_dead_letters,
        drop("PaymentTimeoutsQueue", "RedrivePolicy"),
    ),
    (queues.every_queue_for_a_person_is_alarmed_when_it_grows, without("DeadLettersAlarm")),
    (
        queues.every_queue_for_a_person_is_alarmed_when_it_grows,
        drop("UndeliveredEventsAlarm", "AlarmActions"),
    ),
    (
        queues.every_queue_for_a_person_is_alarmed_when_it_grows,
        put("RefundDeadLettersAlarm", "Metrics", 0, "Expression", to="visible"),
    ),
    (
        queues.no_alarm_stays_while_a_message_does,
        put("OperatorCasesAlarm", "MetricName", to="ApproximateNumberOfMessagesVisible"),
    ),
    (
        deliveries.every_delivery_has_dead_letters,
        drop("RefundRequiredRule", "Targets", 0, "DeadLetterConfig"),
    ),
    (
        deliveries.every_delivery_has_dead_letters,
        drop("StoppedTrackerRule", "Targets", 0, "RetryPolicy"),
    ),
    (
        deliveries.every_delivery_has_dead_letters,
        drop("OperatorAlertsSubscription", "RedrivePolicy"),
    ),
    (queues.every_queue_is_encrypted, drop("RefundQueue", "KmsMasterKeyId")),
    (
        deliveries.no_event_of_a_payment_is_a_mail,
        put("OperatorCaseRule", "Targets", 0, "Arn", to={"Ref": "OperatorAlertsTopic"}),
    ),
    (
        deliveries.outcomes_are_taken_in_both_forms_and_once,
        drop("RefundRequiredRule", "EventPattern", "replay-name"),
    ),
    (
        deliveries.outcomes_are_taken_in_both_forms_and_once,
        put("OperatorCaseRule", "EventPattern", "detail", "version", to=["2"]),
    ),
    (
        deliveries.outcomes_are_taken_in_both_forms_and_once,
        drop("RefundRequiredRule", "EventPattern", "account"),
    ),
    (tracker.every_token_task_has_a_timeout, state("RequestAttempt", TimeoutSeconds=None)),
    (tracker.every_transition_leads_to_a_state, state("WaitForNextAttempt", Next="Retry")),
    (
        tracker.substitutions_match,
        drop(STATE_MACHINE, "DefinitionSubstitutions", "OutcomeBusName"),
    ),
    (tracker.substitutions_match, put(STATE_MACHINE, "DefinitionSubstitutions", "Bus", to="b")),
    (
        tracker.stopped_trackers_are_cases,
        put("StoppedTrackerRule", *PATTERN, 0, "status", to=["TIMED_OUT"]),
    ),
    (
        tracker.stopped_trackers_are_cases,
        put("StoppedTrackerRule", *PATTERN, 1, "error", to=[{"prefix": "Lambda."}]),
    ),
    (tracker.stopped_trackers_are_cases, without("StoppedTrackerRule")),
    (wholes.every_role_is_bounded, drop("ShiftTrafficRole", "PermissionsBoundary")),
    (function.handler_resolves, put(FUNCTION, "Handler", to="cancel_payment.app.handler")),
    (function.handler_resolves, put(FUNCTION, "Handler", to="app.lambda_handler")),
    (function.settings_match, drop(FUNCTION, "Environment", "Variables", "OUTCOME_BUS_NAME")),
    (function.settings_match, put(FUNCTION, "Environment", "Variables", "STAGE", to="prod")),
    (function.source_reports_single_failures, drop(MAPPING, "FunctionResponseTypes")),
    (function.source_reports_single_failures, put(MAPPING, "BatchSize", to=100)),
    (function.source_reports_single_failures, put(MAPPING, "FunctionName", to={"Ref": FUNCTION})),
    (
        function.source_reports_single_failures,
        put(MAPPING, "MaximumBatchingWindowInSeconds", to=20),
    ),
    (function.attempts_fit_into_the_timeout, put(FUNCTION, "Timeout", to=15)),
    (
        function.deployment_is_guarded,
        put("CancelPaymentFunctionDeploymentGroup", "AlarmConfiguration", to={"Enabled": False}),
    ),
    (function.deployment_is_guarded, without("CancelPaymentFunctionDeploymentGroup")),
    (
        function.deployment_is_guarded,
        put(
            *("CancelPaymentFunctionDeploymentGroup", "AlarmConfiguration", "Alarms"),
            to=[{"Name": {"Ref": "FunctionErrorsAlarm"}}],
        ),
    ),
    (function.deployment_is_guarded, drop("NewVersionErrorsAlarm", "AlarmName")),
    (alarms.every_alarm_says_what_to_do, put("DeadLettersAlarm", "AlarmDescription", to={})),
    (
        alarms.every_alarm_says_what_to_do,
        put("KeysRefusedAlarm", "AlarmDescription", "Fn::Sub", to="x" * 90 + " #keys"),
    ),
    (alarms.every_alarm_reaches_a_person, drop("UnknownRateAlarm", "OKActions")),
    (
        alarms.every_alarm_reaches_a_person,
        put("EffectsFailedAlarm", "TreatMissingData", to="breaching"),
    ),
    (
        alarms.every_watched_metric_exists,
        put("UnprovenAnswersAlarm", "MetricName", to="UnprovenAnswer"),
    ),
    (
        alarms.own_metrics_are_those_of_this_stack,
        put("RejectedRequestsAlarm", "Dimensions", to=[]),
    ),
    (
        alarms.own_metrics_are_those_of_this_stack,
        put(FUNCTION, "Environment", "Variables", "POWERTOOLS_SERVICE_NAME", to="cancel-payment"),
    ),
    (alarms.dashboard_shows_every_alarm_in_order, without("FunctionThrottlesAlarm")),
    (alarms.every_log_query_reads_the_functions_log, without("WhyUnknownQuery")),
    (
        wholes.every_parameter_is_explained_and_checked,
        of_template(lambda t: t["Parameters"].update(Stage={"Type": "String"})),
    ),
    (wholes.every_wildcard_is_explained, text('Resource: "*" # X-Ray', 'Resource: "*"\n#')),
    (
        wholes.what_holds_payments_says_what_becomes_of_it,
        of_template(lambda t: t["Resources"]["RefundQueue"].pop("DeletionPolicy")),
    ),
    (wholes.kept_things_leave_their_name_free, put("RefundQueue", "QueueName", to="refunds")),
    (
        wholes.every_log_is_kept_for_the_chosen_time,
        drop("CancelPaymentLogGroup", "RetentionInDays"),
    ),
    (
        wholes.nothing_names_one_partition,
        text("secretsmanager.${AWS::Region}.${AWS::URLSuffix}", "secretsmanager.amazonaws.com"),
    ),
    (
        wholes.every_output_is_described,
        of_template(lambda t: t["Outputs"]["RefundQueueUrl"].pop("Description")),
    ),
]
RULES = list(dict.fromkeys(rule for rule, _ in SEEDS))
