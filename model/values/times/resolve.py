"""An expression and a reference to a value, by the policy of times (docs/values.md, rules T1 to T12).

`setting` says where and when, `days` what days are named, `clocks` what times of day; `bags` finds the occurrence that
is meant, `offsets`, `ranges` and `together` what is built on it, and `windows` gives it the form of an answer.
"""

from collections.abc import Sequence

from model.values.times import offsets, ranges, together  # noqa: F401 - each registers what it finds
from model.values.times.expression import Both, Expression
from model.values.times.setting import Context, Reference, Setting, find, setting_of
from model.values.times.windows import Found, Unresolvable, Window, found_to_value, unresolvable_to_value
from model.values.value import Value

__all__ = ["Context", "Reference", "resolve_time", "resolve_times"]

_ALONE = Context()


def resolve_time(expression: Expression, text: str, reference: Reference, context: Context = _ALONE) -> Value:
    """The value of one expression. Never raises: what has none is unresolved."""
    setting = setting_of(reference, context)
    try:
        found = find(expression, setting)
        _never_before_departure(found, setting)
        return found_to_value(found, text, setting.now)
    except Unresolvable as why:
        return unresolvable_to_value(why, text)
    except (OverflowError, ValueError):  # before the year 1 or after 9999
        return unresolvable_to_value(Unresolvable("impossible_date"), text)


def resolve_times(
    expressions: Sequence[Expression], text: str, reference: Reference, context: Context = _ALONE
) -> Value:
    """The value of the spans of one slot, in the order they were said (T10)."""
    expression = expressions[0] if len(expressions) == 1 else Both(tuple(expressions))
    return resolve_time(expression, text, reference, context)


def _never_before_departure(found: Found, setting: Setting) -> None:
    """What was said to be before the departure is kept, in conflict."""
    main = found.readings[0]
    if setting.departure and isinstance(main, Window) and main.is_over(setting.departure.start):
        found.reason = "conflict"
