"""At least one mistake for each rule, as somebody would make it.

A line is a place in the template and what stands there then (JSON), or `gone`: a property of a
resource (`Queue.VisibilityTimeout`), a resource, or a part of the template (`/Parameters/Stage`). A
part of its text is changed by `old -> new`.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Final

from tests.template import alarms, function, queues, wholes
from tests.template.deployed import Deployed, Rule

_BY_RULE: Final[dict[Rule, str]] = {
    queues.visibility_is_six_times_the_timeout: """
        CancelPaymentFunction.Timeout = 31
        PaymentTimeoutsQueue.VisibilityTimeout gone
    """,
    queues.receives_cover_the_fast_phase: """
        PaymentTimeoutsQueue.RedrivePolicy.maxReceiveCount = 13
        PaymentTimeoutsQueue.RedrivePolicy gone
    """,
    queues.dead_letters_are_kept_longer: """
        PaymentTimeoutsDeadLetterQueue.MessageRetentionPeriod gone
    """,
    queues.every_queue_is_encrypted: """
        RefundQueue.KmsMasterKeyId gone
    """,
    queues.every_queue_for_a_person_is_alarmed_when_it_grows: """
        DeadLettersAlarm gone
        UndeliveredEventsAlarm.AlarmActions gone
        RefundDeadLettersAlarm.Metrics.0.Expression = "visible"
    """,
    queues.no_alarm_stays_while_a_message_does: """
        OperatorCasesAlarm.MetricName = "ApproximateNumberOfMessagesVisible"
    """,
    queues.every_delivery_has_dead_letters: """
        RefundRequiredRule.Targets.0.DeadLetterConfig gone
        StoppedTrackerRule.Targets.0.RetryPolicy gone
        OperatorAlertsSubscription.RedrivePolicy gone
    """,
    queues.no_event_of_a_payment_is_a_mail: """
        OperatorCaseRule.Targets.0.Arn = {"Ref": "OperatorAlertsTopic"}
    """,
    queues.outcomes_are_taken_in_both_forms_and_once: """
        RefundRequiredRule.EventPattern.replay-name gone
        OperatorCaseRule.EventPattern.detail.version = ["2"]
        RefundRequiredRule.EventPattern.account gone
    """,
    queues.stopped_trackers_are_cases: """
        StoppedTrackerRule.EventPattern.detail.$or.0.status = ["TIMED_OUT"]
        StoppedTrackerRule.EventPattern.detail.$or.1.error = [{"prefix": "Lambda."}]
        StoppedTrackerRule gone
    """,
    function.settings_match: """
        CancelPaymentFunction.Environment.Variables.OUTCOME_BUS_NAME gone
        CancelPaymentFunction.Environment.Variables.STAGE = "prod"
    """,
    function.source_reports_single_failures: """
        CancelPaymentFunctionPaymentTimeouts.FunctionResponseTypes gone
        CancelPaymentFunctionPaymentTimeouts.BatchSize = 100
        CancelPaymentFunctionPaymentTimeouts.FunctionName = {"Ref": "CancelPaymentFunction"}
        CancelPaymentFunctionPaymentTimeouts.MaximumBatchingWindowInSeconds = 20
    """,
    function.concurrency_is_not_reserved: """
        CancelPaymentFunction.ReservedConcurrentExecutions = 100
    """,
    function.attempts_fit_into_the_timeout: """
        CancelPaymentFunction.Timeout = 15
    """,
    function.deployment_is_guarded: """
        CancelPaymentFunctionDeploymentGroup.AlarmConfiguration = {"Enabled": false}
        CancelPaymentFunctionDeploymentGroup gone
        CancelPaymentFunctionDeploymentGroup.AlarmConfiguration.Alarms = [{"Ref": "LostEventsAlarm"}]
        NewVersionErrorsAlarm.AlarmName gone
    """,  # noqa: E501
    function.substitutions_match: """
        CancelUntilCutoffStateMachine.DefinitionSubstitutions.OutcomeBusName gone
        CancelUntilCutoffStateMachine.DefinitionSubstitutions.Bus = "b"
    """,
    alarms.every_alarm_says_what_to_do: """
        DeadLettersAlarm.AlarmDescription = {}
        KeysRefusedAlarm.AlarmDescription.Fn::Sub = "Compare clientId, keyVersion and the key that signs with the developer centre. Section of the runbook: ${RunbookUrl}#keys"
    """,  # noqa: E501
    alarms.every_alarm_reaches_a_person: """
        UnknownRateAlarm.OKActions gone
        EffectsFailedAlarm.TreatMissingData = "breaching"
    """,
    alarms.own_metrics_are_counted_for_this_stack: """
        UnprovenAnswersAlarm.MetricName = "UnprovenAnswer"
        RejectedRequestsAlarm.Dimensions = []
        CancelPaymentFunction.Environment.Variables.POWERTOOLS_SERVICE_NAME = "cancel-payment"
    """,
    alarms.dashboard_shows_every_alarm_in_order: """
        FunctionThrottlesAlarm gone
    """,
    alarms.every_log_query_reads_the_functions_log: """
        WhyUnknownQuery gone
    """,
    wholes.every_parameter_is_explained_and_checked: """
        /Parameters/Stage = {"Type": "String"}
    """,
    wholes.every_wildcard_is_explained: """
        Resource: "*" # X-Ray has no -> Resource: "*"
    """,
    wholes.only_this_outlives_the_stack: """
        /Resources/RefundQueue/DeletionPolicy = "Delete"
        /Resources/CancelPaymentLogGroup/UpdateReplacePolicy gone
    """,
    wholes.kept_things_leave_their_name_free: """
        RefundQueue.QueueName = "refunds"
    """,
    wholes.every_role_is_bounded: """
        ShiftTrafficRole.PermissionsBoundary gone
    """,
    wholes.every_log_is_kept_for_the_chosen_time: """
        CancelPaymentLogGroup.RetentionInDays gone
    """,
    wholes.nothing_names_one_partition: """
        secretsmanager.${AWS::Region}.${AWS::URLSuffix} -> secretsmanager.amazonaws.com
    """,
    wholes.every_output_is_described: """
        /Outputs/RefundQueueUrl/Description gone
    """,
}
SEEDS: Final = [
    (rule, line.strip())
    for rule, text in _BY_RULE.items()
    for line in text.split("\n")
    if line.strip()
]
RULES: Final = list(_BY_RULE)


def seeded(deployed: Deployed, line: str) -> Deployed:
    """A copy with the mistake.

    Raises
    ------
    LookupError, ValueError
        The template has no such place, or what is written there already stands there.
    """
    if " -> " in line:
        old, _, new = line.partition(" -> ")
        changed = deployed.source.replace(old, f"{new}\n#" if old.startswith(new) else new, 1)
        if changed == deployed.source:
            raise ValueError(line)
        return replace(deployed, source=changed)
    copy = deployed.copied()
    where, _, value = line.removesuffix(" gone").partition(" = ")
    if where.startswith("/"):
        steps = where[1:].split("/")
    else:
        name, *properties = where.split(".")
        steps = ["Resources", name, *(["Properties", *properties] if properties else [])]
    place: Any = copy.template
    for step in steps[:-1]:
        place = place[int(step) if isinstance(place, list) else step]
    if line.endswith(" gone"):
        del place[steps[-1]]
    else:
        place[int(steps[-1]) if isinstance(place, list) else steps[-1]] = json.loads(value)
    return copy
