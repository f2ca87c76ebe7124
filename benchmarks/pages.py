"""Documents from Jinja templates, and how figures are written in them."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    autoescape=False,  # Markdown, from our own figures
)


def render(template: str, **values: object) -> str:
    """The template of that path below `benchmarks/`, filled in."""
    return _ENVIRONMENT.get_template(template).render(values)


def share(value: float) -> str:
    return f"{value * 100:.1f} %"


def number(value: float) -> str:
    return f"{value / 1e6:.1f} M" if value >= 1e6 else f"{value:,.0f}"


def minutes(value: float) -> str:
    return f"{value / 60:.1f} h" if value >= 100 else f"{value:.0f} min"


_ENVIRONMENT.filters |= {
    "share": share,
    "number": number,
    "minutes": minutes,
    "dollars": "{:.2f}".format,
    "percent": lambda value: f"{value * 100:g} %",
}
