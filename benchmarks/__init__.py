"""Measurements of speed, size and cost, and a model of traffic that no machine here can make.

`make bench` writes RESULTS.md, `make cost` docs/cost.md, `make simulate` docs/scale.md.

    batches, starts, growth, latency   what is measured, each with its targets
    lab        the environment, the builds and the servers of a measurement
    servers    gateway and AWS, by the doubles that the tests use
    worker     a process under test: ours (the function), floor (the least), sdk (the official one)
    figures    medians, quartiles, targets; results: RESULTS.md
    cost       what it costs; prices: one table
    scale      the capacity model
"""
