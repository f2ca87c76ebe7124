"""What all tests share: servers for the function to talk to, and a way to call it.

    gateway     Alipay+ as a raw server over sockets, for what no well-behaved one does
    wire, tls   what it writes, step by step, and how that is encrypted
    keys        key pairs in every form that a secret may hold
    signer      the signature of Alipay+'s answers
    stack       a deployed local stack: payments sent into it, and what came of them
    aws         SQS, Step Functions, EventBridge, Secrets Manager and KMS; aws_server: over HTTP
    leaks       what must never be seen, and how it is recognised in a text
    records     SQS records around payments
    function    the function in a fresh execution environment, called as Lambda calls it

Nothing here signs, verifies or times with the code under test; `function` alone imports it, to call
its handler.
"""
