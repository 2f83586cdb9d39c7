"""Values that can be stored, drawn by hypothesis: text without lone surrogates, numbers of 64 bits, aware times."""

from datetime import UTC
from typing import Any

from hypothesis import strategies as st

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
MOMENT = st.datetimes(timezones=st.just(UTC))
_SCALAR = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | TEXT
_SCALAR |= st.floats(allow_nan=False, allow_infinity=False)
_VALUE = st.recursive(
    _SCALAR,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=8,
)
CLAIMS: st.SearchStrategy[Any] = st.dictionaries(TEXT, _VALUE, max_size=5)


def draw_only_these() -> None:
    """Let every noun that hypothesis builds be made of them."""
    st.register_type_strategy(str, TEXT)
    st.register_type_strategy(int, st.integers(-(2**63), 2**63 - 1))
    st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
