"""The one capacity model: the stack around the function's own decisions, event by event.

Real are `decide`, `may_send`, the cancel window and the delay of failed effects; what stands around
them is a model with explicit parameters. Time is a number that jumps from event to event. One
payment stands for `Setup.scale` payments, and every capacity is divided by it.

    limits       what AWS publishes: value, unit, source
    setup        the parameters of a run
    agenda       what happens when; request quotas
    load         payments over the day
    gateway      what Alipay+ answers, and when
    queue        SQS and its event source
    tracker      Step Functions: executions, rounds, the closing call
    function     one record: attempt, decision, effect
    simulation   wires the above, and what a run has shown
    scenarios    a billion events a month, and what goes wrong
    summary      a run in a few figures
    document     docs/scale.md, from scale.md.j2; plots: its picture
    validation   the same payments in the model and on the local stack
"""
