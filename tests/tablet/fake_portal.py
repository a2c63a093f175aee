"""A portal of one station, in memory, that does what a test tells it: lose replies, revoke, expire, forget.

It speaks the protocol of docs/wire.md and serves the real shell; it checks signatures and the chain, and folds with the
real rules, so that what a tablet shows after an upload is what a portal would show. Its `contract` holds every answer, and
every request of the tablet, to the served description.
"""

from __future__ import annotations

import copy
import hashlib
import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask, Response, abort, request
from werkzeug.exceptions import ClientDisconnected

from db.rules import jws
from db.rules.card import sign_card
from db.rules.entry import format_moment, from_payload, hash_of
from db.rules.fold import Facts, fold
from db.rules.overlay import to_wire
from kiosk import shell
from tests.contract import Contract
from web import access, headers, i18n
from web.catalogue import ROOT

OPERATORS = [{"id": "st_1", "name": "王老师", "role": "operator"}, {"id": "st_2", "name": "Li Supervisor", "role": "supervisor"}]
REASONS = [
    {"code": "book-lost", "zh": "图书遗失", "en": "Book lost"},
    {"code": "fee-open", "zh": "滞纳金未缴", "en": "Late fee open"},
]
NAMES = {"library": {"zh": "图书归还", "en": "Book return"}, "charges": {"zh": "赔偿结清", "en": "Compensation settled"}}
PASSWORD = "quiet-desk-7-lamp"
MOST_WRONG = 5
HELD_AT_MOST_S = 25
STATION = {"code": "library", "name": "图书馆服务台"}


def step(code: str, **more: Any) -> dict[str, Any]:
    """A step as the snapshot writes it, this station's own unless said otherwise."""
    plain = {"how": "desk", "own": True, "opens": None, "closes": None, "blocked_by": [], "reasons": REASONS, "fast": False,
             "fresh_minutes": None, "signed": False, "money": False}  # fmt: skip
    return {"code": code, "name": NAMES.get(code, {"zh": code, "en": code}), **plain, **more}


def proxy(id_: str, steps: list[str]) -> dict[str, Any]:
    return {"id": id_, "gen": 1, "name": "代领人", "id_tail": "123X", "steps": steps, "until": "2099-01-01T00:00:00.000Z"}


def new_key(kid: str) -> jws.SigningKey:
    return jws.SigningKey(kid, ec.generate_private_key(ec.SECP256R1()))


def student(n: int, state: str = "open", **more: Any) -> dict[str, Any]:
    """The nth graduate, with one step of that state."""
    who = {"ref": f"gr_{n:09d}", "number": f"2020{n:04d}", "name": f"学生{n}", "college": "财经学院", "class": "会计2001"}
    steps = {"library": {"state": state, "as_of": None, "heads": []}}
    return {**who, "gen": 1, "card": "valid", "steps": steps, "proxies": [], **more}


class FakePortal:
    """State and switches. Change it under `lock` while it serves."""

    def __init__(self, graduates: int = 5) -> None:
        self.lock = threading.RLock()
        self.key = new_key("card-1")
        self.steps = [step("library")]
        self.operators = [dict(one) for one in OPERATORS]
        self.students: dict[str, dict[str, Any]] = {}
        self.base: dict[str, dict[str, Any]] = {}
        self.entries: dict[str, dict[str, Any]] = {}  # by hash
        self.changed: list[str] = []  # refs in the order they changed; a cursor is a position in it
        self.codes = {"ABCD-1234"}
        self.token = "token-1"
        self.turned_away = 0
        self.station = STATION
        self.public_key: ec.EllipticCurvePublicKey | None = None
        self.revoked = False
        self.closed = False
        self.wiped = False
        self.full_disk = False  # nothing more can be stored
        self.expires = timedelta(hours=12)
        self.clock_ahead = timedelta()
        self.missing: list[list[int]] = []
        self.notices: list[Any] = []
        self.custody: list[dict[str, str]] | None = None  # None: the classes of every graduate
        self.elsewhere: dict[str, dict[str, str]] = {}
        self.recalled: list[str] = []
        self.lose_replies = 0
        self.lose_changes = False
        self.generation = 0
        self.largest = 500
        self.wrong_passwords = 0
        self.shifts: dict[str, dict[str, Any]] = {}  # by id: operator, ended
        self.closings: list[dict[str, Any]] = []
        self.holds_nothing = False
        self.pictures: dict[str, bytes] = {}  # whole ones, by name
        self.parts: dict[str, bytes] = {}
        self.refuse_pictures: list[tuple[int, str] | None] = []  # one for each PUT to come; None takes it
        self.calls: list[str] = []
        self.etags_asked_with: list[str | None] = []
        self.heartbeat: dict[str, Any] = {}
        self.held: dict[str, threading.Event] = {}
        self.stopped: list[str] = []  # calls that have come to where they are held
        self.broken: set[str] = set()  # paths that are answered with a fault
        self.contract = Contract()
        for n in range(1, graduates + 1):
            self.add(student(n))

    def hold(self, call: str, answer: bool = False) -> threading.Event:
        """From now on this call waits until the event is set, before it is looked at or, with `answer`, before it is answered."""
        return self.held.setdefault(f"{call} answered" if answer else call, threading.Event())

    def wait_for(self, name: str) -> None:
        if gate := self.held.get(name):
            self.stopped.append(name)
            gate.wait(HELD_AT_MOST_S)

    def add(self, row: dict[str, Any]) -> None:
        with self.lock:
            self.students[row["ref"]] = row
            self.base[row["ref"]] = copy.deepcopy(row["steps"])
            self.changed.append(row["ref"])

    def set_steps(self, steps: list[dict[str, Any]]) -> None:
        """This station's steps; every graduate has them open."""
        with self.lock:
            self.steps = steps
            for row in self.students.values():
                row["steps"] = {one["code"]: {"state": "open", "as_of": None, "heads": []} for one in steps}
                self.base[row["ref"]] = copy.deepcopy(row["steps"])

    def card(self, ref: str, gen: int = 1, days: float = 5, prx: str | None = None, key: jws.SigningKey | None = None) -> str:
        return sign_card(key or self.key, ref, gen, int((datetime.now(UTC) + timedelta(days=days)).timestamp()), prx)

    def hold_elsewhere(self, ref: str, act: str = "hold", saw: tuple[str, ...] = (), step: str = "library") -> str:
        """Another station's entry; returns its hash."""
        with self.lock:
            hash_ = jws.encode(hashlib.sha256(f"{ref}{len(self.entries)}".encode()).digest())[:16]
            made = {
                "id": hash_,
                "hash": hash_,
                "device": f"dv_other_{len(self.entries)}",
                "seq": 1,
                "operator": "st_9",
                "at": self.now(),
            }
            self.entries[hash_] = {**made, "act": act, "offset": 0, "saw": list(saw), "reason": None, "student": ref, "step": step}
            self._refold(ref)
        return hash_

    def now(self, later: timedelta = timedelta()) -> str:
        return format_moment(int((datetime.now(UTC) + self.clock_ahead + later).timestamp() * 1000))

    def _refold(self, ref: str) -> None:
        row = self.students.get(ref)
        if row is None:
            return
        for code in row["steps"]:
            own = [e for e in self.entries.values() if e["student"] == ref and e["step"] == code]
            if own:
                base = self.base[ref][code]
                facts = Facts(base["state"] != "not-applicable", base["state"] == "unknown", {"st_2": None})
                row["steps"][code] = {"as_of": None, **to_wire(fold([from_payload(e, e["hash"]) for e in own], facts))}
        self.changed.append(ref)

    def receive(self, token: str) -> dict[str, Any]:
        parts = jws.parse(token)
        assert parts is not None
        assert self.public_key is not None
        payload = parts.payload
        hash_ = hash_of(parts.signing_input)
        if not jws.signature_fits(parts, self.public_key):
            return {"id": payload["id"], "outcome": "quarantined", "code": "bad-signature"}
        if hash_ in self.entries:
            return {"id": payload["id"], "outcome": "duplicate", "code": "accepted"}
        self.entries[hash_] = {**payload, "hash": hash_}
        if self.revoked:
            return {"id": payload["id"], "outcome": "quarantined", "code": "device-revoked"}
        if payload["student"]:
            self._refold(payload["student"])
            cell = self.students.get(payload["student"], {}).get("steps", {}).get(payload["step"], {})
            if cell.get("conflict"):
                return {"id": payload["id"], "outcome": "conflict"}
        return {"id": payload["id"], "outcome": "accepted"}

    def begin_shift(self, operator: str, password: str) -> dict[str, Any] | tuple[int, str]:
        """A shift as the protocol tells it, or the status and code of a refusal."""
        if self.wrong_passwords >= MOST_WRONG:
            return 429, "too-many-tries"
        person = next((one for one in self.operators if one["id"] == operator), None)
        if person is None or password != PASSWORD:
            self.wrong_passwords += 1
            return 403, "shift-sign-in-wrong"
        id_ = f"sh_{len(self.shifts) + 1}"
        self.shifts[id_] = {"operator": operator, "ended": False}
        return {"shift": id_, "operator": person, "server_time": self.now()}

    def close(self, closing: dict[str, Any]) -> dict[str, Any]:
        self.closings.append(closing)
        had = [] if self.holds_nothing else self.own_entries()
        missing = sorted(set(range(1, closing["seq"] + 1)) - {entry["seq"] for entry in had})
        same = not closing["seq"] or (not missing and had[-1]["hash"] == closing["hash"])
        return {"complete": not missing and same, "missing": [[n, n] for n in missing]}

    def holdings(self) -> dict[str, Any]:
        held = self._custody_of_every_class() if self.custody is None else self.custody
        return {"custody": [one for one in held if one["id"] not in self.recalled]}

    def _custody_of_every_class(self) -> list[dict[str, str]]:
        classes = sorted({row["class"] for row in self.students.values()})
        steps = [one["code"] for one in self.steps if one["own"] and one["how"] == "collect"]
        return [{"id": f"{code}:{name}", "step": code, "class": name} for code in steps for name in classes]

    def own_entries(self) -> list[dict[str, Any]]:
        with self.lock:
            return sorted((e for e in self.entries.values() if e["device"] == "dv_1"), key=lambda e: e["seq"])


def create_app(portal: FakePortal) -> Flask:
    """The web app over a `FakePortal`."""
    app = Flask("fake", root_path=str(ROOT), template_folder="templates", static_folder=None)
    app.config.update(SESSION_COOKIE_SECURE=False, SECRET_KEY="fake")
    i18n.init_app(app, zone_of=lambda: "Asia/Shanghai")
    headers.init_app(app)
    access.init_app(app, roles_of=lambda: None)
    app.register_blueprint(shell.blueprint)
    portal.contract.watch(app)

    def answer(body: Any, status: int = 200, **more: str) -> Response:
        return Response(json.dumps(body), status, content_type="application/json", headers=more)

    def refuse(status: int, code: str) -> Response:
        return answer({"error": {"code": code, "message": code}}, status)

    @app.errorhandler(ClientDisconnected)
    def cut(_: ClientDisconnected) -> Any:
        return "", 503  # the browser was killed, or its network, in the middle of what it sent: nobody hears this

    @app.before_request
    def note() -> Any:
        if request.path in portal.broken:
            return "", 503
        if not request.path.startswith("/station"):
            return None
        name = request.path.rpartition("/")[2]
        portal.calls.append(name)
        portal.wait_for(name)
        flushing = name in ("entries", "heartbeats", "enrolments", "closings", "ends")
        if portal.wiped:
            return refuse(410, "rehearsal-wiped")
        if portal.full_disk and request.method != "GET":
            return refuse(503, "disk-full")
        if request.path.endswith("enrolments"):
            return None
        if request.headers.get("Authorization") != f"Bearer {portal.token}":
            portal.turned_away += 1
            return refuse(401, "token-unknown")
        if portal.closed and request.endpoint in ("snapshot", "changes", "students", "shifts"):
            return refuse(403, "station-closed")
        return refuse(403, "device-revoked") if portal.revoked and not flushing else None

    @app.after_request
    def hold_back(reply: Response) -> Response:
        portal.wait_for(f"{request.path.rpartition('/')[2]} answered")
        return reply

    @app.post("/station/v1/enrolments")
    @access.public
    def enrolments() -> Response:
        given = request.get_json()
        if given["code"] not in portal.codes:
            return refuse(403, "code-unknown")
        portal.public_key = jws.jwk_to_public_key(given["public_key"])
        if portal.lose_replies:
            portal.lose_replies -= 1
            abort(502)
        known = {"device": "dv_1", "token": "token-1", "station": STATION}
        return answer({**known, "server_time": portal.now()}, 201)

    @app.get("/station/v1/snapshot")
    @access.public
    def snapshot() -> Response:
        with portal.lock:
            jwk = {**jws.public_key_to_jwk(portal.key.private_key.public_key()), "kid": portal.key.kid}
            content = {
                "cursor": f"{portal.generation}.{len(portal.changed)}",
                "expires": portal.now(portal.expires),
                "station": portal.station,
                "steps": portal.steps,
                "students": list(portal.students.values()),
                "operators": portal.operators,
                "keys": {"keys": [jwk]},
                **portal.holdings(),
            }
        etag = hashlib.sha256(json.dumps({**content, "expires": None}).encode()).hexdigest()
        portal.etags_asked_with.append(request.headers.get("If-None-Match"))
        if request.headers.get("If-None-Match") == f'"{etag}"':
            return Response(status=304)
        return answer({**content, "server_time": portal.now()}, ETag=f'"{etag}"')

    @app.get("/station/v1/changes")
    @access.public
    def changes() -> Response:
        with portal.lock:
            generation, _, position = request.args["after"].partition(".")
            if portal.lose_changes:
                abort(502)
            if generation != str(portal.generation):
                return refuse(410, "cursor-expired")
            refs = dict.fromkeys(portal.changed[int(position) :])
            rows = [portal.students[ref] for ref in refs if ref in portal.students]
            removed = [ref for ref in refs if ref not in portal.students]
            page = {"cursor": f"{generation}.{len(portal.changed)}", "students": rows, "removed": removed, "more": False}
            return answer({**page, **portal.holdings()})

    @app.get("/station/v1/students/<ref>")
    @access.public
    def students(ref: str) -> Response:
        with portal.lock:
            return answer({"student": portal.students[ref], "elsewhere": portal.elsewhere, "server_time": portal.now()})

    @app.post("/station/v1/entries")
    @access.public
    def entries() -> Response:
        tokens = [one["jws"] for one in request.get_json()["entries"]]
        if len(tokens) > portal.largest:
            return refuse(413, "too-many-entries")
        with portal.lock:
            answers = [portal.receive(token) for token in tokens]
        if portal.lose_replies:
            portal.lose_replies -= 1
            abort(502)
        return answer({"answers": answers, "server_time": portal.now(), "contiguous": len(portal.own_entries())})

    @app.post("/station/v1/heartbeats")
    @access.public
    def heartbeats() -> Response:
        portal.heartbeat = request.get_json()
        with portal.lock:
            missing, portal.missing = portal.missing, []
            if portal.heartbeat["head"]["seq"] <= len(portal.own_entries()):
                portal.recalled = [id_ for id_ in portal.recalled if id_ not in portal.heartbeat["let_go"]]
        told = {"contiguous": 0, "missing": missing, "notices": portal.notices, "recalled": portal.recalled}
        return answer({"server_time": portal.now(), **told})

    @app.post("/station/v1/shifts")
    @access.public
    def shifts() -> Response:
        given = request.get_json()
        with portal.lock:
            begun = portal.begin_shift(given["operator"], given["password"])
        return refuse(*begun) if isinstance(begun, tuple) else answer(begun, 201)

    @app.post("/station/v1/shifts/<id_>/ends")
    @access.public
    def ends(id_: str) -> Response:
        if id_ not in portal.shifts:
            return refuse(404, "unknown-shift")
        portal.shifts[id_]["ended"] = True
        return answer({"shift": id_, "ended_at": portal.now()})

    @app.post("/station/v1/closings")
    @access.public
    def closings() -> Response:
        with portal.lock:
            return answer(portal.close(request.get_json()))

    @app.route("/station/v1/attachments/<name>", methods=["HEAD"])
    @access.public
    def attached(name: str) -> Response:
        have = portal.pictures.get(name, portal.parts.get(name, b""))
        return Response(headers={"Upload-Offset": str(len(have)), "Upload-Complete": "?1" if name in portal.pictures else "?0"})

    @app.put("/station/v1/attachments/<name>")
    @access.public
    def attachments(name: str) -> Response:
        with portal.lock:
            refusal = portal.refuse_pictures.pop(0) if portal.refuse_pictures else None
            if refusal:
                return refuse(*refusal)
            start, _, total = request.headers.get("Content-Range", "bytes 0-/0").removeprefix("bytes ").replace("/", "-").split("-")
            had = portal.parts.get(name, b"")
            if int(start) != len(had):
                return refuse(409, "wrong-offset")
            content = had + request.get_data()
            if len(content) < int(total):
                portal.parts[name] = content
                return Response(status=202, headers={"Upload-Offset": str(len(content)), "Upload-Complete": "?0"})
            assert hashlib.sha256(content).hexdigest() == name
            portal.pictures[name] = content
            return Response(status=204)

    return app
