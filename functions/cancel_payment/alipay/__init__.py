"""One signed call of Alipay+, and what its answer proves.

Knows nothing of AWS, of queues or of retries. No module imports one that stands before it::

    gateway      one call: connect, ask whether it may still be made, sign, send, read
    transport    one connection, one request at a time, under the call's deadline
    addresses    the host, looked up and connected to in time; tls: whom a call trusts
    answer       the signature first, the words after: what an answer proves (pure)
    result       what is known after an attempt, and what that rests on (pure)
    credentials  the text of the secret -> keys and a signer (pure)
    keys         one RSA key, judged (pure)
    pem          the text in which somebody pasted a key -> DER (pure)
    signing      signed content, signature header, verification (pure)
    payment      what is to be cancelled, as the ACQP names it (pure)
    result_codes what the ACQP does next, by code (pure)
    json_object  JSON text -> an object, or nothing (pure)
"""
