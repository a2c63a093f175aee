"""What the tests of commands start from (see `command_line.py`): the plan of 2023, and a roster of two people."""

from web.catalogue import ROOT

PLAN = str(ROOT / "plans" / "2023.toml")
ROSTER = "学号,姓名,学院,班级,辅导员\n2020010101,安娜,会计学院,2020级会计1班,C01\n2020010102,薄一,会计学院,2020级会计1班,C01\n"
