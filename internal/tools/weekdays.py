#!/usr/bin/env python3
"""Writes the names of the days of the week that internal/corpus/datetime reads.

The names are those of CLDR, in the languages of months.py.

    internal/tools/weekdays.py > internal/corpus/datetime/weekdays.txt
"""
from babel import Locale

from months import LANGUAGES

print("# Names of the days of the week by language, from CLDR: written by internal/tools/weekdays.py.")
for tag in LANGUAGES + ["ko", "ja"]:
    days = Locale.parse(tag).days
    names = {days[form]["wide"][day].lower().replace("i\u0307", "i") for form in ("format", "stand-alone") for day in range(7)}
    print(tag.replace("_", "-"), *sorted(name for name in names if " " not in name and len(name) > 2))
