"""How long the forms of the console may be, and what an operator is told of one that is longer."""

from jitney.errors import InvalidInput

FORM_FIELD_LIMIT = 2000
"""For the forms of the console, whose tables have a field for each cell."""
TABLE_ROWS = 600
"""How many rows of the widest table, which has three cells in each, such a form carries beside its other fields."""


def too_many_fields() -> InvalidInput:
    """Return the refusal of a form that is longer than we read (R-127), with the way that is left."""
    return InvalidInput(
        "too_many_fields",
        f"Nothing was saved: this form has more than {FORM_FIELD_LIMIT:,} fields. Its tables take more than "
        f"{TABLE_ROWS} rows only from a file: use jitney apply.",
    )
