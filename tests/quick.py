"""What every app in one process may share: there are thousands in a test run, and three quarters of their time went into this.

The source of a template is compiled once, not once in each app. How to write the address of a route is worked out when the first
address is asked for, not for each of the hundreds of routes of each app. Apps with the same routes share one map of them.
"""

import threading
from collections.abc import Callable, Hashable
from copy import copy
from types import CodeType
from typing import Any, ClassVar

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Map, Rule, RuleFactory
from werkzeug.routing.matcher import StateMachineMatcher


class CompiledOnce(BytecodeCache):
    """By the template's place, and only as long as its source stays the same."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._known.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code is not None
        self._known[bucket.key, bucket.checksum] = bucket.code


class SharedMap(Map):
    """Its rules wait for its first use; then it takes what a map before it has made of the same ones."""

    _made: ClassVar[dict[Hashable, tuple[Any, Any]]] = {}
    _making = threading.RLock()

    def __init__(self, *args: Any, **options: Any) -> None:
        self._waiting: list[Rule] = []
        super().__init__(*args, **options)

    def add(self, rulefactory: RuleFactory) -> None:
        if not self._remap:  # what the others have must not grow with this one
            self._matcher, self._rules_by_endpoint, self._remap = StateMachineMatcher(self.merge_slashes), {}, True
        self._waiting += rulefactory.get_rules(self)

    def update(self) -> None:
        with self._making:
            if not self._remap:
                return
            rules = tuple(_told_apart_by(rule) for rule in self._waiting)
            key = self.host_matching, self.default_subdomain, self.strict_slashes, rules
            if key not in self._made:
                for rule in self._waiting:
                    super().add(copy(rule))
                super().update()
                self._made[key] = self._matcher, self._rules_by_endpoint
            self._matcher, self._rules_by_endpoint = self._made[key]
            self._remap = False


def _told_apart_by(rule: Rule) -> Hashable:
    return tuple((name, repr(sorted(value) if isinstance(value, set) else value)) for name, value in sorted(vars(rule).items()))


def install() -> None:
    Flask.url_map_class = SharedMap
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": CompiledOnce()}
    compile_now = Rule._compile_builder

    def compile_when_asked(rule: Rule, append_unknown: bool = True) -> Callable[..., Any]:
        def build(rule: Rule, **values: Any) -> Any:
            built = compile_now(rule, append_unknown).__get__(rule, None)
            setattr(rule, "_build_unknown" if append_unknown else "_build", built)
            return built(**values)

        return build

    Rule._compile_builder = compile_when_asked  # type: ignore[method-assign]
