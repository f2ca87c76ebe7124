"""The pictures of a run that the README shows, drawn by `make run PICTURES=docs`.

drawing    both: the terminal view, and a photograph of the report
filmstrip  frames of the terminal as one SVG that moves by itself
chromium   where the browser is, or how it comes here
headless   the browser as a process; devtools: what is said to it
"""
