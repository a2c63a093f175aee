"""Security headers stand on every answer."""

import re


def test_the_policy_has_no_inline_and_no_eval(client):
    policy = client.get("/sample/open").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_a_view_widens_the_policy_for_its_own_answer_only(client):
    assert "script-src 'self' 'wasm-unsafe-eval'" in client.get("/sample/wasm").headers["Content-Security-Policy"]
    assert "wasm" not in client.get("/sample/open").headers["Content-Security-Policy"]


def test_refusals_and_faults_carry_the_headers_too(client):
    headers = client.get("/nowhere").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "camera=(self)" in headers["Permissions-Policy"]
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_pages_are_not_kept_in_caches(client):
    assert client.get("/sample/open").headers["Cache-Control"] == "no-store"


def test_a_file_named_by_its_hash_is_kept_for_good_any_other_is_asked_for_again(app, client):
    page = client.get("/sample/gallery").text
    address = re.search(r'href="(/static/app\.css\?v=\w+)"', page).group(1)
    with client.get(address) as named, client.get("/static/app.css") as plain:
        assert "immutable" in named.headers["Cache-Control"]
        assert plain.headers["Cache-Control"] == "no-cache"


def test_https_is_remembered_only_over_https(client):
    assert "Strict-Transport-Security" not in client.get("/sample/open").headers
    assert "Strict-Transport-Security" in client.get("/sample/open", base_url="https://localhost").headers


def test_no_template_needs_what_the_policy_forbids():
    from web.catalogue import ROOT
    for template in (ROOT / "templates").rglob("*.html"):
        text = template.read_text()
        assert not re.search(r"\sstyle=|\son[a-z]+=|hx-on|<style|javascript:", text), template
        assert not re.search(r"<script(?![^>]*(src=|type=\"application/json\"))", text), template
