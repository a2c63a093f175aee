"""What every app in one process may share: there are thousands in a test run, and three quarters of their time went into this.

The source of a template is compiled once, not once in each app. How to write the address of a route is worked out when the first
address is asked for, not for each of the hundreds of routes of each app.
"""

from collections.abc import Callable
from types import CodeType
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule


class CompiledOnce(BytecodeCache):
    """By the template's place, and only as long as its source stays the same."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._known.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code is not None
        self._known[bucket.key, bucket.checksum] = bucket.code


def install() -> None:
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": CompiledOnce()}
    compile_now = Rule._compile_builder

    def compile_when_asked(rule: Rule, append_unknown: bool = True) -> Callable[..., Any]:
        def build(rule: Rule, **values: Any) -> Any:
            built = compile_now(rule, append_unknown).__get__(rule, None)
            setattr(rule, "_build_unknown" if append_unknown else "_build", built)
            return built(**values)

        return build

    Rule._compile_builder = compile_when_asked  # type: ignore[method-assign]
