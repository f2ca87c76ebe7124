"""Cancel every Alipay+ payment whose result never came.

A record flows one way, and no module imports one that stands before it::

    app          the handler: wires the line below, in this order
    request      SQS record -> what to cancel, or why it cannot be read
    message      the fields of a record's body, each with its own refusal (pure)
    attempts     all attempts of a batch at the same time, and no later than allowed
    gateway      one signed call over HTTPS
    transport    one connection, and the call's deadline over each of its operations
    proof        the answer's signature first, its words after (pure)
    signing      signed content, signature header, verification (pure)
    result       answer bytes -> result (pure)
    decision     result + window + clock -> what next (pure)
    effects      the decisions of a batch, carried out in an order that loses nothing
    outcomes     outcome events on the bus
    tracker      Step Functions executions: start one, tell one
    rejects      the dead-letter queue
    visibility   the re-queue: when a message may be seen again
    report       what the batch leaves for people: log lines and metrics

The rim and the vocabulary, used from every place in the line and using none of it::

    settings     the environment, validated once
    credentials  the secret -> keys; credentials_cache: how long they may be used
    aws          the AWS clients, each made when it is first used
    observability  the logger and the metrics
    model        results and decisions; payment: what is to be cancelled
    json_object  JSON text -> an object, or nothing
    window       the cutoff; result_codes: what to do next, by code
"""
