"""What an attempt may change in the world, carried out in an order that loses no payment.

An outcome event is published before its message is deleted, and before the tracker is notified. An
effect that fails makes its record a batch item failure: the message comes back and the cancel is
sent again, which is safe since it is idempotent.

    effects      all effects of a batch, side by side and in time
    follow_up    what follows for one payment: tracker or dead letter
    outcomes     outcome events on the bus
    tracker      Step Functions executions: start one, tell one
    dead_letters the dead-letter queue
    visibility   when a message may be seen again
"""
