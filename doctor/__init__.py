"""Is this deployment set up as it must be? Read from AWS and from the gateway, changing nothing.

A check reads, judges, and leaves findings; no finding holds a secret::

    __main__       the command: which stack, how it is shown, the exit status
    examination    all checks in their order; what a refused or failed read comes to
    finding        a finding, and the exit status of many
    screen         findings for people, in a terminal and out of it; as JSON for machines

The boundary, where something is read:

    aws            calls that only read; failures: how one can fail
    deployment     what CloudFormation knows of the stack
    gateway        one request that cannot cancel anything: DNS, TCP, TLS, HTTP

The checks; each judges what was read by a function without I/O:

    secret         what the function would say of the secret, and more than it has time for
    keys           the function's own judgement of one field of the secret (pure)
    signing_key    the KMS key that signs in place of the secret's
    clock          this clock, AWS's and the gateway's
    function       the version that the queue invokes
    environment    its settings
    limits         what can stop it from outside
    mapping        how the queue invokes it
    queues         the attributes of each queue, and its policy (queue_policy)
    rules          what comes in and what goes out; the buses
    tracker        the state machine
    alarms         whether each alarm is armed, and what it says now
    alerts         whether anybody hears an alarm
    backlog        what lies in the queues, and executions

The vocabulary:

    design         numbers and names that the checks compare with, each with its reason
"""
