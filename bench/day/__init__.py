"""A whole clearance day over HTTP, with everything that goes wrong on such a day: `python -m bench.day --help`.

The tablets here are written from the protocol's page alone and share no code with the product's; what should have come out is
computed from what they decided by an oracle that reads the same page to the letter (`oracle.py`). Only the portal is the real one.

`college.py` builds the season · `tablet.py` signs and shows · `crowd.py` and `desk.py` are the people · `lines.py` is the network
with its faults, `pictures.py` what it carries beside entries · `office.py`, `stewards.py`, `proxies.py` are the portal's own work ·
`day.py` lets the day pass · `custody.py`, `oracle.py`, `oddities.py` and `checks.py` judge it · `report.py` tells it.
"""
