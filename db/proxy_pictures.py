"""The three pictures of a proxy's application: which picture of the vault stands in which place."""

from __future__ import annotations

import peewee

from db import pictures
from db.database import Model
from db.people import Graduate
from db.pictures import Picture
from db.refusals import NotFound
from db.rules.proxy import SLOTS
from db.rules.retention import REJECTED, REPLACED, SEASON, WITHDRAWN

WHY = {"submit": SEASON, "reject": REJECTED, "withdraw": WITHDRAWN}
"""What an act about the application means for its pictures; other acts leave them as they are."""


class ProxyPicture(Model):
    """The picture in one place of an application; a new one takes the place of the one before."""

    application_id = peewee.TextField()
    slot = peewee.TextField()
    picture = peewee.ForeignKeyField(Picture, column_name="picture_id", unique=True)

    class Meta:
        primary_key = peewee.CompositeKey("application_id", "slot")
        constraints = (peewee.Check("slot IN ('letter','own-id','proxy-id')"),)


def of(application_id: str) -> dict[str, Picture]:
    """The pictures that are to be seen, by place."""
    rows = ProxyPicture.select(ProxyPicture, Picture).join(Picture).where(ProxyPicture.application_id == application_id)
    found = {row.slot: row.picture for row in rows}
    return {slot: found[slot] for slot in SLOTS if slot in found and found[slot].visible}


def find(application_id: str, slot: str) -> Picture:
    """The picture in that place. NotFound("unknown-picture"), Gone("picture-gone")."""
    row = ProxyPicture.get_or_none(ProxyPicture.application_id == application_id, ProxyPicture.slot == slot)
    if row is None:
        raise NotFound("unknown-picture")
    return pictures.find(row.picture_id)


def replace(graduate: Graduate, application_id: str, slot: str, picture: str, by: str) -> list[str]:
    """Put a picture of the vault in its place; returns those whose place it takes. Inside `writing()`."""
    if slot not in SLOTS:
        raise NotFound("unknown-picture")
    place = (ProxyPicture.application_id == application_id, ProxyPicture.slot == slot)
    before = [row.picture_id for row in ProxyPicture.select().where(*place)]
    pictures.retain(before, REPLACED)
    pictures.keep(picture, graduate, slot, by)
    ProxyPicture.delete().where(*place).execute()
    ProxyPicture.create(application_id=application_id, slot=slot, picture=picture)
    return before


def follow(application_id: str, act: str) -> None:
    """Let the pictures follow what was done about the application. Inside `writing()`."""
    if act in WHY:
        pictures.retain(ids(application_id), WHY[act])


def ids(application_id: str) -> list[str]:
    """All of its pictures, whether or not they are still to be seen."""
    return [row.picture_id for row in ProxyPicture.select().where(ProxyPicture.application_id == application_id)]
