"""The laptop's side: a stand-in for Alipay+, the local stack, a run of all scenarios.

Written from the protocol, and never imported by the function; it imports nothing of it either.

The stand-in for Alipay+, a server of its own::

    gateway         the application and its process
    connection      below ASGI: requests cut, connections reset
    cancel_api      cancelPayment, from the request's bytes to the answer's
    checks          what a request has to be like
    scenarios       payment id -> what the gateway does; behaviour: in which words
    answers         made, signed, and delivered as well or as badly as asked
    wire            signatures (no HTTP, no clock); clock: the time and how it is written
    gateway_state   all that changes: keys, mode, ledger, log
    ledger          what is known of each payment; request_log: what came, what became of it
    admin           `/_sandbox/…`: how tests and the view steer it

The local stack::

    bootstrap       the development environment; build: the function, by `sam build`
    stack           embedded AWS, stand-in, template; stack_directory: what it leaves on disk
    cloud           the embedded AWS; deploy: the template on it, by `sam deploy`
    stand_in        the stand-in seen from outside
    keys            generated when they are needed
    processes       started apart from the terminal, stopped to the last child
    commands        `make up`, `make send`, `make status`, `make down`

A run, `make run`::

    run             the command; cases: what is sent, and how each has to end
    watch           gathers what can be seen; progress: of one payment
    attempt         one attempt as people read it; tracker_steps: an execution's states
    waiting         in words: how a payment ended, or what it waits for
    verdict         whether it ended as its case says
    run_record      the run as one JSON document; payment_record: a payment of it
    report          the HTML report, from the record; report_stack: that of `make up`
    view            the terminal; pictures: those of the README
"""
