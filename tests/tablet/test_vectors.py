"""The tablet's rules keep to the vectors that the Python rules keep to, in the browser that will run them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.tablet.conftest import Tablet

VECTORS = Path(__file__).resolve().parent.parent / "vectors"
RUN = {
    "card": "(rule, v) => rule(v.input.token, v.input.keys, v.input.now)",
    "overlay": "(rule, v) => rule(v.input.cell, v.input.own)",
    "verdict": "(rule, v) => rule(v.input)",
    "fold": "(rule, v) => rule(v.entries, v.facts)",
    "split": "(rule, v) => rule(v.input.amount, v.input.count)",
    "rooms": "(rule, v) => rule(v.input)",
}
RULE = {"rooms": "place"}  # the others are called like their files


@pytest.mark.parametrize("name", RUN)
def test_every_vector_comes_out_as_it_says(name: str, tablet: Tablet) -> None:
    tablet.open()
    vectors = json.loads((VECTORS / f"{name}.json").read_text("utf-8"))
    got = tablet.page.evaluate(
        f"""async ([name, rule, vectors]) => {{
              const run = {RUN[name]}
              const module = await import(`/tablet/app/rules/${{name}}.js`)
              return Promise.all(vectors.map((vector) => run(module[rule], vector)))
            }}""",
        [name, RULE.get(name, name), vectors],
    )
    wrong = {v["name"]: {"got": g, "expect": v["expect"]} for v, g in zip(vectors, got, strict=True) if g != v["expect"]}
    assert not wrong
    assert len(vectors) > 20


def test_the_decoder_and_its_module_are_of_one_build(open_page: Callable[..., Page], address: str) -> None:
    page = open_page()
    page.goto(f"{address}/tablet/")
    kept, wanted = page.evaluate(
        """async () => {
             const { ZXING_WASM_SHA256 } = await import("/tablet/vendor/barcode-detector/ponyfill.js")
             const file = await (await fetch("/tablet/vendor/zxing-wasm/zxing_reader.wasm")).arrayBuffer()
             const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", file))
             return [[...sum].map((byte) => byte.toString(16).padStart(2, "0")).join(""), ZXING_WASM_SHA256]
           }"""
    )
    assert kept == wanted
