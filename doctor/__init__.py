"""Is this deployment set up as it must be? Read from AWS and from the gateway, changing nothing.

A check reads, judges, and leaves findings; no finding holds a secret::

    __main__      the command: which stack, how it is shown, the exit status
    screen        findings for people, in a terminal and out of it; as JSON for machines
    examination   all checks, by what a person asks; what a failed read comes to

    risk          is money at risk, and would anybody hear of it?
    alipay/       can the function reach and prove the gateway, and are the keys right?
    deployment/   does the deployment match its template?
    settings      the version that the queue invokes

    stack         what CloudFormation knows of the stack
    aws           calls that only read; failures: how one can fail
    finding       a finding, and the exit status of many
"""
