"""`./property doctor`: the invariants of the books, both sides and the difference."""

from . import databases
from .errors import Problem
from .prompt import opened


def run(options):
    with opened(options.database) as instance:
        if not databases.installed(instance, "property_base"):
            raise Problem(
                f"The database {options.database} has no property add-on.",
                "Name one that ./property up made.",
            )
        results = instance.call(
            "result = env['property.doctor'].with_context(lang='en_US').run()",
            "The check of the books",
        )
    print(table(results))
    wrong = [result for result in results if not result["ok"]]
    print(f"{len(results)} invariants, {len(wrong)} broken" if wrong else "all zero")
    return 1 if wrong else 0


def table(results):
    rows = [("", "invariant", "left", "right", "difference")]
    for result in results:
        mark = "ok" if result["ok"] else "!!"
        rows.append((mark, *(str(result[key]) for key in ("name", "left", "right", "difference"))))
    widths = [max(display_width(row[column]) for row in rows) for column in range(5)]
    lines = []
    for mark, name, *figures in rows:
        cells = [pad(mark, widths[0]), pad(name, widths[1])]
        cells += [figure.rjust(width) for figure, width in zip(figures, widths[2:], strict=True)]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def display_width(text):
    """Chinese characters take two columns of a terminal."""
    return sum(2 if ord(char) > 0x2E7F else 1 for char in text)


def pad(text, width):
    return text + " " * (width - display_width(text))
