"""A run as a person sees it in a terminal: shows what `sandbox.run.progress` holds, judges nothing.

live      one frame after the other while it goes on; plain lines out of a terminal
frame     one moment
timeline  attempts on an axis of seconds (pure)
marks     the sign and the colour of each kind of result
"""
