"""What differs between two registers in canonical form, as lines that a person reads."""

import difflib

from editions.dump import Form
from editions.yaml_text import write


def difference(before: Form, after: Form) -> list[str]:
    """Return the unified difference of the two YAML texts: empty when they say the same."""
    lines = difflib.unified_diff(
        write(before).splitlines(), write(after).splitlines(), "register", "file", n=2, lineterm=""
    )
    return list(lines)
