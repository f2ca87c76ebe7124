"""A run of every scenario::

__main__       `make run`; stack_report: `make report`, of the stack of `make up`
cases          what is sent, and how each has to end
session        sent, and watched until each has ended
watch          gathers what can be seen; progress: of one payment
attempt        one attempt as people read it; tracker_steps: an execution's states
waiting        in words: how a payment ended, or what it waits for
verdict        whether it ended as its case says
record         the run as one JSON document; payment_record: a payment of it
view           the terminal
"""
