"""The process in which templates are tried: it makes every page of them once, and tells what is wrong.

It is given templates and nothing else: no settings, no secrets, no environment; and the one who started it ends it.
"""

import json
import resource
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Final

from jinja2 import Environment, TemplateError, TemplateSyntaxError, nodes
from jinja2.meta import find_referenced_templates

from jitney.web.console.look.sample import Sample
from jitney.web.console.look.samples import SAMPLES
from jitney.web.kit.languages import Language, read_languages
from jitney.web.kit.markup import Control, Markup, read_markup
from jitney.web.kit.templating import find_dangling, make_environment
from jitney.web.kit.theme import Theme

LARGEST_PAGE: Final = 256 * 1024
"""How many characters a page may have; the largest of ours has a twentieth of it."""

_OURS: Final = make_environment()
_WITHOUT_ESCAPING: Final = frozenset({"safe", "forceescape"})


@dataclass(frozen=True, slots=True)
class Trial:
    """Templates by name, tried over those of a theme's folder and ours."""

    templates: Mapping[str, str]
    folder: Path | None = None
    faults: dict[str, str] = field(default_factory=dict[str, str])
    references: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    def run(self) -> Mapping[str, str]:
        """Return what is wrong, by the name of the template."""
        environment = make_environment(self.folder, overrides=self.templates)
        for name, text in self.templates.items():
            for line, why in _find_flaws(environment, text):
                self.faults.setdefault(name, f"Line {line}: {why}.")
        if not self.faults:
            for sample in SAMPLES.values():
                if used := self._own_of(environment, sample.template):
                    self._make_all(environment, sample, used)
        return self.faults

    def _make_all(self, environment: Environment, sample: Sample, used: list[str]) -> None:
        for language in read_languages().by_tag.values():
            self._make(environment, sample, language, used)

    def _make(self, environment: Environment, sample: Sample, language: Language, used: list[str]) -> None:
        values = {**sample.said(language), "language": language, "theme": Theme()}
        try:
            page = "".join(_bounded(environment.get_template(sample.template).generate(values)))
        except Exception as fault:  # whatever it is, nobody shall see it instead of a page
            name, line = self._place(fault) or (used[0], 0)
            where = f"Line {line}: " if line else ""
            self.faults.setdefault(
                name, f"{where}the page “{sample.title}” cannot be made of it: {_told(fault)}."
            )
            return
        ours = _OURS.get_template(sample.template).render(values)
        for why in _differences(page, ours):
            self.faults.setdefault(used[0], f"On the page “{sample.title}” {why}.")

    def _own_of(self, environment: Environment, template: str) -> list[str]:
        """List which of the templates in question a page is made with, its own first."""
        found, waiting = list[str](), [template]
        while waiting:
            if (name := waiting.pop(0)) not in found:
                found.append(name)
                waiting += self._references_of(environment, name)
        return [name for name in found if name in self.templates]

    def _references_of(self, environment: Environment, name: str) -> list[str]:
        if name not in self.references and environment.loader is not None:
            text, _, _ = environment.loader.get_source(environment, name)
            named = find_referenced_templates(environment.parse(text))
            self.references[name] = [one for one in named if one]
        return self.references.get(name, [])

    def _place(self, fault: BaseException) -> tuple[str, int] | None:
        """Return the template, and its line, in which something went wrong."""
        trace, place = fault.__traceback__, None
        while trace is not None:
            if (name := trace.tb_frame.f_code.co_filename) in self.templates:
                place = name, trace.tb_lineno
            trace = trace.tb_next
        return place


def _told(fault: BaseException) -> str:
    if isinstance(fault, MemoryError):
        return "it needs too much memory"
    told = fault.message if isinstance(fault, TemplateError) else str(fault)
    return (told or type(fault).__name__).rstrip(".")[:300]


def _find_flaws(environment: Environment, text: str) -> Iterator[tuple[int, str]]:
    try:
        tree = environment.parse(text)
        environment.compile(text)
    except TemplateSyntaxError as fault:
        yield fault.lineno, (fault.message or "it cannot be read").rstrip(".")
        return
    for line, name in find_dangling(environment, text):
        yield line, f"there is no template “{name}”"
    for found in tree.find_all(nodes.Filter):
        if found.name in _WITHOUT_ESCAPING:
            yield found.lineno, f"“|{found.name}” is not let through: everything is escaped"
    for block in chain(
        tree.find_all(nodes.ScopedEvalContextModifier), tree.find_all(nodes.EvalContextModifier)
    ):
        yield block.lineno, "“autoescape” is not let through: everything is escaped"
    for unfit in read_markup(text).unfit:
        yield unfit.line, unfit.why


def _differences(page: str, ours: str) -> Iterator[str]:
    made, meant = read_markup(page), read_markup(ours)
    yield from (one.why for one in made.unfit)
    if lacking := sorted(meant.controls - made.controls, key=_by_place):
        yield _missing(lacking[0], made)
    elif beyond := sorted(meant.in_reach - made.in_reach, key=_by_place):
        yield f"{_called(beyond[0])} is hidden, or switched off: without it nobody gets on"
    if strange := sorted(
        {one.action for one in made.controls} - {one.action for one in meant.controls} - {""}
    ):
        yield f"a form is sent to {strange[0][:100]}, which is none of ours"


def _by_place(control: Control) -> tuple[str, str]:
    return control.action, control.name


def _called(control: Control) -> str:
    named = f"the field or button “{control.name}”" if control.name else "the button of the form"
    return f"{named} that is sent to {control.action}"


def _missing(control: Control, made: Markup) -> str:
    """Say why a control is not there; what is sent by get stands in the address, and in every log (R-123)."""
    if any(_by_place(one) == _by_place(control) for one in made.controls):
        return f"the form that is sent to {control.action} must be sent by post"
    return f"{_called(control)} is missing: without it nobody gets on"


def _bounded(parts: Iterator[str]) -> Iterator[str]:
    size = 0
    for part in parts:
        size += len(part)
        if size > LARGEST_PAGE:
            raise OverflowError("it is too long")
        yield part


def main() -> None:
    """Read templates as JSON, and write what is wrong with them as JSON."""
    memory = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    asked = json.load(sys.stdin)
    folder = Path(asked["folder"]) if asked["folder"] else None
    json.dump(dict(Trial(asked["templates"], folder).run()), sys.stdout)


if __name__ == "__main__":
    main()
