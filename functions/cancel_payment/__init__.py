"""Cancel every Alipay+ payment whose result never came.

A record flows one way, and no module imports one that stands before it, but for the pure modules of
``alipay/`` (payment, result, codes, credentials), whose values all later steps use::

    app          the handler: wires the line below, in this order
    record       SQS record -> what to cancel, or why it cannot be read (pure)
    attempts     all attempts of a batch at the same time, and no later than allowed
    alipay/      one signed call, and what its answer proves
    decision     result + window + clock -> what next (pure)
    effects/     the decisions of a batch, carried out in an order that loses nothing
    report       what the batch leaves for people: log lines and metrics

Used along the line, and using no step of it::

    settings     the environment, validated once, for app
    clock        the time of day, durations, deadlines, jitter
    aws          the AWS clients, each made when it is first used
    credentials_cache  the secret: read, kept, read afresh; kms_signer: a key in AWS KMS
    observability  the logger and the metrics
    model        the values that flow: requests, attempts, decisions
    window       the cutoff; execution_names: what a payment's trackers are called
"""
