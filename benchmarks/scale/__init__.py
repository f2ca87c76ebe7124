"""A discrete-event simulation of the stack around the function's own decisions.

Real are `decide`, `may_send`, the cancel window and the visibility timeouts; everything around
them is a model with explicit parameters. Time is a number that leaps from event to event. A
payment stands for `Setup.scale` payments and every capacity is divided by it.

    setup        the parameters, and the quotas in one place
    limits       what AWS publishes: value, unit, source
    agenda       what happens when
    load         payments and their events over the day
    gateway      what Alipay+ answers, and when
    queue        SQS: visible, in flight, dead letters
    poller       the event source: how many batches at a time
    buckets      request quotas of the account
    tracker      Step Functions: executions, rounds, tokens
    function     a batch: attempts, decisions, effects
    simulation   wires the above, in that order
    figures      what a run has shown
    scenarios    a billion events a month, and what goes wrong
    summary      a run in a few figures, which `results` keeps in a file
    document     docs/scale.md, with its tables, its method and its plots
    validation, on_the_stack     the same payments in the simulation and on the local stack

Nothing here is imported by the function.
"""
