#!/usr/bin/env python3
"""Writes the names of the months that internal/corpus/datetime reads.

The names are those of CLDR, which Babel (pip install babel) carries. A row is a
language, a month from 1 to 12, and its names: in full and short, in the case that
dates have and in the one that stands alone. In names of two words, "_" is the space.

    internal/tools/months.py > internal/corpus/datetime/months.txt
"""
from babel import Locale

LANGUAGES = """en es fr de pt it nl da nb sv fi is et lv lt pl cs sk sl hr sr sr_Latn bs mk bg
ro hu sq el tr az uz kk ky ru uk be ca gl eu ga cy mt af id ms fil sw vi ar ar_DZ ar_MA ar_SY
he fa ur hi bn ta te mr gu th lo km my ka hy mn ne si""".split()

# Other names than those of CLDR. An underscore stands for a space.
EXTRA = """de-AT 1 jänner jän
de-AT 2 feber
es 9 setiembre
en 9 sept
fr 2 fév
fr 8 aoû
fr 12 déc
ar 4 ابريل إبريل
ar 8 اغسطس آب
ar 10 اكتوبر
ar-SY 3 اذار أذار
ar-SY 5 ايار
ar-SY 9 ايلول
ar-SY 10 تشرين_الاول
ar-SY 12 كانون_الاول
ru 5 май
ru 9 сен
ru 11 ноя
lv 1 janvārī
lv 2 februārī
lv 3 martā
lv 4 aprīlī
lv 5 maijā
lv 6 jūnijā
lv 7 jūlijā
lv 8 augustā
lv 9 septembrī
lv 10 oktobrī
lv 11 novembrī
lv 12 decembrī
sr 1 јануара
sr 2 фебруара
sr 3 марта
sr 4 априла
sr 5 маја
sr 6 јуна
sr 7 јула
sr 8 августа
sr 9 септембра
sr 10 октобра
sr 11 новембра
sr 12 децембра
sr-Latn 1 januara
sr-Latn 2 februara
sr-Latn 3 marta
sr-Latn 4 aprila
sr-Latn 5 maja
sr-Latn 6 juna
sr-Latn 7 jula
sr-Latn 8 avgusta
sr-Latn 9 septembra
sr-Latn 10 oktobra
sr-Latn 11 novembra
sr-Latn 12 decembra"""


def main():
    print("# Names of months by language, from CLDR: written by internal/tools/months.py.")
    print("# Names with a digit are left out, since dates of numbers are read without them.")
    for tag in LANGUAGES:
        months = Locale.parse(tag).months
        for month in range(1, 13):
            names = []
            for form in ("format", "stand-alone"):
                for width in ("wide", "abbreviated"):
                    name = months[form][width][month].lower().strip(".\u200f\u200e ").replace("i\u0307", "i")
                    for one in name.split("/"):
                        one = one.strip()
                        if one.count(" ") > 1 or one.startswith("de "):
                            continue
                        one = one.replace(" ", "_")
                        if len(one) > 2 and not any(c.isdigit() for c in one) and one not in names:
                            names.append(one)
            if names:
                print(tag.replace("_", "-"), month, *names)
    print(EXTRA)


if __name__ == "__main__":
    main()
