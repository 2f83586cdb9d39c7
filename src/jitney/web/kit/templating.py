"""Templates: ours below those of a theme, in a sandbox, speaking the language of the page."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    FunctionLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateNotFound,
    TemplateSyntaxError,
    nodes,
    pass_context,
)
from jinja2.exceptions import SecurityError
from jinja2.meta import find_referenced_templates
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from jitney.web.kit.languages import Language

TEMPLATES: Final = Path(__file__).parent.parent / "templates"
OURS: Final = "jitney"
"""The folder name under which a theme's template reaches the one that it overrides: ``jitney/error.html``."""

MOST_ROUNDS: Final = 1_000
"""How far a template that was typed into a page may count."""

_TEXT_METHODS: Final = frozenset({
    "upper", "lower", "title", "capitalize", "strip", "lstrip", "rstrip", "startswith", "endswith", "split",
})  # fmt: skip

_TAGS: Final = re.compile(r"&lt;(/?(?:bdi|strong|code))&gt;")
_OPEN: Final = "\N{FIRST STRONG ISOLATE}"
_CLOSE: Final = "\N{POP DIRECTIONAL ISOLATE}"


def make_environment(
    theme_templates: Path | None = None, *, overrides: Mapping[str, str] | None = None
) -> ImmutableSandboxedEnvironment:
    """Return the environment that all pages are made in.

    The attack (R-106, R-119): a template that somebody was allowed to put into the theme's folder reads a secret
    out of the process through ``__class__`` and its like; the sandbox lets no template reach them.
    Everything is escaped, translations and the texts of an installation's own too; in ``{% trans %}`` a few
    tags without attributes keep their meaning.
    A template is rendered with ``language``.
    ``theme_templates`` is the folder of a theme; ``overrides`` are templates by name, which come before both.
    """
    ours = FileSystemLoader(TEMPLATES)
    loaders: list[BaseLoader] = [ours, PrefixLoader({OURS: ours})]
    if theme_templates is not None:
        loaders.insert(0, FileSystemLoader(theme_templates))
    if overrides:
        loaders.insert(0, FunctionLoader(lambda name: _named(overrides, name)))
    environment = (_Frugal if overrides else ImmutableSandboxedEnvironment)(
        loader=ChoiceLoader(loaders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.newstyle_gettext = True  # type: ignore[attr-defined]  # the extension's own switch
    environment.globals |= {"_": _text, "gettext": _block, "ngettext": _plural_block}
    return environment


class _Frugal(ImmutableSandboxedEnvironment):
    """The sandbox for templates that are typed into a page, in which nothing grows without end.

    The attack (R-127): ``{{ "x" * 10 ** 10 }}`` in a template takes all memory of the process at the next sign-in.
    """

    intercepted_binops = frozenset({"**", "*", "%"})

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.globals["range"] = _short_range
        del self.globals["lipsum"]

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Calculate with numbers alone, and raise nothing to a power."""
        if operator == "**" or not all(isinstance(one, int | float) for one in (left, right)):
            raise SecurityError(f"{operator} is not for this")
        return super().call_binop(context, operator, left, right)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Let through what a text can be asked that makes it no longer."""
        if isinstance(obj, str) and attr not in _TEXT_METHODS:
            return False
        return super().is_safe_attribute(obj, attr, value)


def _named(overrides: Mapping[str, str], name: str) -> tuple[str, str, None] | None:
    """Return a template with its name for a file name, so that what goes wrong in it says where."""
    return (overrides[name], name, None) if name in overrides else None


def _short_range(*bounds: int) -> range:
    numbers = range(*bounds)
    if len(numbers) > MOST_ROUNDS:
        raise OverflowError(f"a range has at most {MOST_ROUNDS} numbers here")
    return numbers


@dataclass(frozen=True, slots=True)
class BrokenTemplate:
    """A template of a theme of which no page can be made: its file, the line, and why."""

    file: Path
    line: int
    why: str


def find_broken_templates(folder: Path) -> Iterator[BrokenTemplate]:
    """Compile every template of a theme, and find what each refers to; nothing is rendered."""
    environment = make_environment(folder)
    for file in sorted(folder.rglob("*.html")):
        try:
            text = file.read_text(encoding="utf-8")
            environment.compile(text, filename=str(file))
            for line, name in find_dangling(environment, text):
                yield BrokenTemplate(file, line, f"there is no template “{name}”")
        except TemplateSyntaxError as fault:
            yield BrokenTemplate(file, fault.lineno, fault.message or "it cannot be read")
        except (OSError, UnicodeDecodeError):
            yield BrokenTemplate(file, 1, "it is no text in UTF-8")


def find_dangling(environment: Environment, text: str) -> Iterator[tuple[int, str]]:
    """Yield each reference that leads nowhere: its line, and the name of a template that there is not.

    A name that is put together while the page is made, and an include that may be missing, cannot be judged.
    """
    kinds = (nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)
    for node in environment.parse(text).find_all(kinds):
        if isinstance(node, nodes.Include) and node.ignore_missing:
            continue
        names = list(find_referenced_templates(nodes.Template([node], lineno=node.lineno)))
        if names and not any(name is None or _exists(environment, name) for name in names):
            yield node.lineno, str(names[0])


def _exists(environment: Environment, name: str) -> bool:
    try:
        environment.get_template(name)
    except TemplateNotFound:
        return False
    except (TemplateSyntaxError, OSError, UnicodeDecodeError):
        return True  # What is wrong with that one is told of its own file.
    return True


@pass_context
def _text(context: Context, text: str, /, **values: object) -> str:
    """Translate a text, fixed or made elsewhere (a fault's sentence); without values ``%`` is a plain character."""
    language = _language(context)
    translated = language.gettext(text)
    return _filled(translated, values, language) if values else translated


@pass_context
def _block(context: Context, text: str, /, **values: object) -> str:
    """Translate what stands in ``{% trans %}``, in which the extension doubled every ``%``."""
    language = _language(context)
    return _filled(language.gettext(text), values, language)


@pass_context
def _plural_block(context: Context, one: str, many: str, number: int, /, **values: object) -> str:
    language = _language(context)
    return _filled(language.ngettext(one, many, number), {"num": number, **values}, language)


def _language(context: Context) -> Language:
    return context["language"]


def _filled(text: str, values: dict[str, object], language: Language) -> Markup:
    """Put values into a text; both are escaped, but for a value that is markup of ours.

    A Latin name in an Arabic sentence would drag the words around it into its own direction, so that each value
    is isolated there (Unicode Standard Annex 9, 2.4).
    """
    if language.direction == "rtl":
        values = {name: _isolated(value) for name, value in values.items()}
    safe = Markup(_TAGS.sub(r"<\1>", str(escape(text))))  # noqa: S704  # escaped in this line
    return safe % values if values else safe.replace("%%", "%")


def _isolated(value: object) -> object:
    # Joined to markup, the signs become markup; joined to a text, they are escaped with it.
    return _OPEN + value + _CLOSE if isinstance(value, str) else value
