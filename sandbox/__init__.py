"""The laptop's side: a stand-in for Alipay+, the local stack, a run of all scenarios.

Written from the protocol, and never imported by the function; it imports nothing of it either.
Each of these knows only those above it::

    gateway    the stand-in for Alipay+, a server of its own
    stack      the local stack: embedded AWS, stand-in, the real template
    report     a run as an HTML page
    run        every scenario through a stack, watched, judged and shown

`bootstrap` makes the development environment.
"""
