"""Measurements of speed, size and cost, and a simulation of traffic that no machine here can make.

`make bench` writes RESULTS.md, `make cost` docs/cost.md, `make simulate` docs/scale.md.
"""
