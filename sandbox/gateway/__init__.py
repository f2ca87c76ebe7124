"""The stand-in for Alipay+::

__main__     the server's process
connection   HTTP by h11, and what HTTP has no words for: answers cut, connections reset
cancel_api   cancelPayment, from the request's bytes to the answer's
checks       what a request has to be like
scenarios    payment id -> what the gateway does; behaviour: in which words
answers      made, signed, and delivered as well or as badly as asked
signatures   made and checked (no HTTP, no clock); clock: the time and how it is written
state        all that changes: keys, mode, what is known of each payment
request_log  what came, and what became of it
admin        `/_sandbox/…`: how tests and the view steer it
keys         generated when they are needed
"""
