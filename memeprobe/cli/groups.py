"""Options that several commands share, as groups: a command names the object that it wants.

    @grouped(accepted=limits)
    def look(*, files: ..., accepted: Limits) -> None: ...

gives ``look`` every option that the function ``limits`` takes, and calls it with what they make.
"""

import functools
import inspect
from collections.abc import Callable
from typing import Any


def grouped(**groups: Callable[..., Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Replace each named parameter of a command by those of the function that makes its value."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        own = inspect.signature(command, eval_str=True)
        made_of = {n: inspect.signature(g, eval_str=True).parameters for n, g in groups.items()}
        parameters: list[inspect.Parameter] = []
        for name, parameter in own.parameters.items():
            given = list(made_of[name].values()) if name in groups else [parameter]
            parameters += [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in given]

        @functools.wraps(command)
        def called(**values: Any) -> None:
            for name, parts in made_of.items():
                values[name] = groups[name](**{part: values.pop(part) for part in parts})
            command(**values)

        # Typer reads both; neither may show the parameter that the command itself takes.
        called.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]
        called.__annotations__ = {p.name: p.annotation for p in parameters}
        return called

    return decorate
