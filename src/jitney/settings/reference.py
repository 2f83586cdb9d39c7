"""Write the reference page and the example file from the settings' classes and docstrings."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from jitney.settings.checked import Deployment
from jitney.settings.faults import Place, model_in

REFERENCE_PAGE = Path("docs/reference/settings.md")
EXAMPLE_FILE = Path("conf/deployment.example.toml")

_PAGE_HEAD = """\
# Settings

The file is `conf/deployment.toml` below the home folder, or the one that `--config` names.
Home is `JITNEY_HOME`, else the working folder.
Without a file the defaults below hold: the development profile on this machine, with the embedded database.

`jitney check` reads the file and reports every fault at once.
A change needs a restart.

Any text may hold `$ENV{NAME}`, which is replaced by that environment variable.
A secret can also come from a file of its own.
A relative path starts at the home folder.
A key that is not listed here is a fault.
A key marked *not built yet* is understood and warned of, and has no effect.

This page is generated: `python -m jitney.settings` writes it.
"""

_EXAMPLE_HEAD = """\
# conf/deployment.toml: every setting with its default. Copy what you want to change.
# This file is generated: `python -m jitney.settings` writes it.
"""


def reference_page() -> str:
    """Return ``docs/reference/settings.md``."""
    parts = [_PAGE_HEAD]
    for place, section in sections():
        parts.append(f"\n## `[{'.'.join(str(part) for part in place)}]`\n\n{section.__doc__}\n")
        parts.extend(_page_entry(key, field) for key, field in own_keys(section))
    return "".join(parts)


def example_file() -> str:
    """Return ``conf/deployment.example.toml``: valid TOML in which every key is commented out."""
    parts = [_EXAMPLE_HEAD]
    for place, section in sections():
        parts.append(f"\n[{'.'.join(str(part) for part in place)}]\n")
        parts.extend(_example_entry(key, field) for key, field in own_keys(section))
    return "".join(parts)


def sections(
    model: type[BaseModel] = Deployment, place: Place = ()
) -> Iterator[tuple[Place, type[BaseModel]]]:
    """List the sections that hold keys, with their place, in the order of the classes."""
    if any(own_keys(model)):
        yield place, model
    for name, field in model.model_fields.items():
        inner = model_in(field.annotation)
        if inner is not None:
            yield from sections(inner, (*place, name))


def own_keys(section: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    """List the keys of a section that are values, not sections."""
    for name, field in section.model_fields.items():
        if model_in(field.annotation) is None:
            yield field.alias or name, field


def toml_text(value: object) -> str:
    """Write a plain value as TOML; JSON's texts and lists of texts are TOML's too."""
    if isinstance(value, str) and "\\" in value and "'" not in value:
        return f"'{value}'"
    return json.dumps(value, ensure_ascii=False)


def _page_entry(key: str, field: FieldInfo) -> str:
    default = "none" if field.default is None else f"`{toml_text(field.default)}`"
    built = "" if _extra(field)["built"] else " *Not built yet.*"
    rules = f"- Allowed: {_extra(field)['allowed']}.\n- Default: {default}.\n"
    return f"\n### `{key}`\n\n{field.description}{built}\n\n{rules}"


def _example_entry(key: str, field: FieldInfo) -> str:
    note = "".join(f"# {line.strip()}\n" for line in (field.description or "").splitlines())
    built = "" if _extra(field)["built"] else "# Not built yet.\n"
    value = '"…"' if field.default is None else toml_text(field.default)
    return f"\n{note}{built}# Allowed: {_extra(field)['allowed']}.\n# {key} = {value}\n"


def _extra(field: FieldInfo) -> dict[str, Any]:
    return field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
