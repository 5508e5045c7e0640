#!/usr/bin/env python3
"""Makes the files beside it with real producers. The files are committed; run it again only to change them.

    python3 -m venv venv && venv/bin/pip install python-docx odfpy ebooklib reportlab fpdf2 PyMuPDF pypandoc_binary
    venv/bin/python make.py
"""

import datetime
import email.message
import email.policy
import gzip
import io
import mailbox
import os
import tarfile
import textwrap
import zipfile

import docx
import fitz
import fpdf
import odf.opendocument
import odf.style
import odf.text
import pypandoc
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from ebooklib import epub
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfgen import canvas
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate, Paragraph

os.chdir(os.path.dirname(os.path.abspath(__file__)))

ONE = "The harbour office opened a second lock below the old bridge on Monday, after a long winter of repairs and tests."
TWO = "Its keeper said that boats of twelve metres pass in nine minutes, and that the pumps stop by themselves when the power fails."
THREE = "Fishermen on the upper bank asked who would pay for the lamps, which must burn from dusk until the last boat is home."
ZH = [
    "为了管理河道船闸，保护两岸居民，制定本规定。",
    "船闸管理人应当每天检查水位。水位超过两米时，管理人应当在一小时内通知沿岸各村，并且打开北侧的闸门，直到水位降到一米半以下为止。",
    "违反本规定的，由河道管理机构给予警告；造成损失的，应当赔偿。",
    "本规定自公布之日起施行。",
]
NUMBERS = "一二三四"


def pdf_two_columns(path):
    """Two columns of two pages, drawn column by column, with head, foot and page numbers."""

    def head(c, doc):
        c.setFont("Helvetica", 9)
        c.drawString(60, 800, "Notes from the harbour, volume 3")
        c.drawCentredString(297, 30, str(doc.page))
        if doc.page == 1:
            c.setFont("Helvetica-Bold", 20)
            c.drawCentredString(297, 750, "Locks below the old bridge")

    doc = BaseDocTemplate(path, pagesize=A4, title="", author="", invariant=1)
    frames = [Frame(60, 560, 225, 150), Frame(310, 560, 225, 150)]
    doc.addPageTemplates([PageTemplate("columns", frames, onPage=head)])
    style = getSampleStyleSheet()["BodyText"]
    marks = ("Alpha", "Beta", "Gamma", "Delta")
    doc.build([Paragraph(f"{mark}. {text} So says {mark}, which is number {i} of the notes.", style) for i, mark in enumerate(marks) for text in (ONE, TWO, THREE)])


def pdf_rows(path):
    """Two columns, drawn row by row."""
    c = canvas.Canvas(path, pagesize=A4, invariant=1)
    c.setFont("Helvetica", 18)
    c.drawString(150, 790, "Locks in two columns")
    c.setFont("Helvetica", 10)
    left = textwrap.wrap("Left. " + " ".join([ONE, TWO, THREE]), 42)
    right = textwrap.wrap("Right. " + " ".join([THREE, TWO, ONE]), 42)
    for i, (a, b) in enumerate(zip(left, right)):
        c.drawString(60, 740 - 13 * i, a)
        c.drawString(310, 740 - 13 * i, b)
    c.save()


def pdf_chinese(path):
    """A statute in a CID font without its characters' shapes."""
    doc = fitz.open()
    page = doc.new_page()
    page.insert_text((200, 80), "河道船闸管理规定", fontname="china-s", fontsize=18)
    y = 130
    for number, text in zip(NUMBERS, ZH):
        text = f"第{number}条　{text}"
        for start in range(0, len(text), 34):
            page.insert_text((72, y), text[start : start + 34], fontname="china-s", fontsize=12)
            y += 18
    doc.save(path, deflate=True, no_new_id=True)


def pdf_words(path):
    """Words divided at line ends, a table, a scanned page, and a page that goes on."""
    doc = fitz.open()
    page = doc.new_page()
    page.insert_text((72, 70), "Words at line ends", fontsize=20)
    y = 120
    for row in ("The office opened a second lock on Mon-", "day, after the inter-", "national crew had left. Its well-known keeper was not in the labora-", "tory, but at the Luban-", "Workshops."):
        page.insert_text((72, y), row, fontsize=11)
        y += 14
    y += 20
    for a, b in (("Year", "Level"), ("2021", "1.9 m"), ("2022", "2.1 m")):
        page.insert_text((72, y), a, fontsize=11)
        page.insert_text((200, y), b, fontsize=11)
        y += 14
    scan = doc.new_page()
    scan.insert_image(fitz.Rect(50, 50, 300, 300), pixmap=fitz.Pixmap(fitz.csRGB, fitz.IRect(0, 0, 8, 8)))
    page = doc.new_page()
    page.insert_text((72, 80), "The third page says that the second one is a picture.", fontsize=11)
    doc.save(path, deflate=True, no_new_id=True)
    doc.save("locked.pdf", encryption=fitz.PDF_ENCRYPT_AES_128, user_pw="x", owner_pw="y", no_new_id=True)
    only = fitz.open()
    only.insert_pdf(doc, from_page=1, to_page=1)
    only.save("scanned.pdf", deflate=True, no_new_id=True)


def pdf_spaced(path):
    """Paragraphs with wide lines, by a third producer."""
    f = fpdf.FPDF()
    f.set_creation_date(datetime.datetime(2021, 4, 6, tzinfo=datetime.timezone.utc))
    f.add_page()
    f.set_font("Helvetica", size=20)
    f.cell(0, 10, "Rules of the lock", new_x="LMARGIN", new_y="NEXT")
    f.set_font("Helvetica", size=11)
    for number, text in enumerate((ONE + " " + TWO, TWO + " " + THREE, THREE + " " + ONE), 1):
        f.multi_cell(0, 6, f"Article {number}. {text}", new_x="LMARGIN", new_y="NEXT")
        f.ln(2)
    f.output(path)


def docx_word(path):
    """Styles, numbering, a table, a tracked change, a comment's mark and a text box twice."""
    d = docx.Document()
    d.core_properties.title = ""
    d.core_properties.author = "Harbour office"
    d.add_paragraph("Locks below the old bridge", style="Title")
    d.add_heading("What was built", 1)
    p = d.add_paragraph(ONE)
    deleted = parse_xml(f'<w:del {nsdecls("w")} w:id="1" w:author="a"><w:r><w:delText> Nobody came.</w:delText></w:r></w:del>')
    inserted = parse_xml(f'<w:ins {nsdecls("w")} w:id="2" w:author="a"><w:r><w:t xml:space="preserve"> Many came.</w:t></w:r></w:ins>')
    p._p.append(deleted)
    p._p.append(inserted)
    for text in ("Open the upper gate.", "Wait for the boat.", "Close it again."):
        d.add_paragraph(text, style="List Number")
    d.add_paragraph("Bring a lamp.", style="List Bullet")
    d.add_heading("Levels", 2)
    t = d.add_table(rows=0, cols=2)
    for a, b in (("Year", "Level"), ("2021", "1.9 m"), ("2022", "2.1 m")):
        cells = t.add_row().cells
        cells[0].text, cells[1].text = a, b
    d.add_paragraph(TWO)
    hidden = d.add_paragraph(THREE).add_run(" This run is hidden.")
    hidden.font.hidden = True
    d.add_comment(runs=d.paragraphs[-1].runs[0], text="A comment that is no text.", author="a", initials="a")
    d.save(path)


MARKDOWN = f"""---
title: Locks below the old bridge
author: Harbour office
---

# What was built

{ONE}[^1]

1. Open the upper gate.
2. Wait for the boat.
    a. Look left.
    b. Look right.
3. Close it again.

## Levels

| Year | Level |
|------|-------|
| 2021 | 1.9 m |
| 2022 | 2.1 m |

```
open gate
wait 5
```

{TWO}

[^1]: The first lock is from 1911.
"""


def odt_odfpy(path):
    d = odf.opendocument.OpenDocumentText()
    title = odf.style.Style(name="Title", family="paragraph")
    d.styles.addElement(title)
    d.text.addElement(odf.text.P(stylename=title, text="Locks below the old bridge"))
    d.text.addElement(odf.text.H(outlinelevel=1, text="What was built"))
    p = odf.text.P(text=ONE)
    p.addElement(odf.text.S(c=2))
    p.addText("Many came.")
    d.text.addElement(p)
    numbered = odf.text.ListStyle(name="L1")
    numbered.addElement(odf.text.ListLevelStyleNumber(level="1", numformat="1", numsuffix=")"))
    d.automaticstyles.addElement(numbered)
    items = odf.text.List(stylename=numbered)
    for text in ("Open the upper gate.", "Wait for the boat."):
        item = odf.text.ListItem()
        item.addElement(odf.text.P(text=text))
        items.addElement(item)
    d.text.addElement(items)
    d.text.addElement(odf.text.P(text=TWO))
    d.save(path)


def book(path):
    b = epub.EpubBook()
    b.set_identifier("urn:harbour:1")
    b.set_title("The lock keeper")
    b.set_language("en")
    b.add_author("Harbour office")
    b.add_metadata("DC", "publisher", "Harbour Press")
    b.add_metadata("DC", "date", "2021-04-05")
    chapters = []
    for number, text in enumerate((ONE, TWO, THREE), 1):
        c = epub.EpubHtml(title=f"Chapter {number}", file_name=f"c{number}.xhtml", lang="en")
        c.content = f"<h1>Part {number}</h1><p>{text}</p>"
        b.add_item(c)
        chapters.append(c)
    b.toc = chapters
    b.add_item(epub.EpubNcx())
    b.add_item(epub.EpubNav())
    b.spine = ["nav", chapters[1], chapters[0], chapters[2]]
    epub.write_epub(path, b)


def message(subject, text, **more):
    m = email.message.EmailMessage(policy=email.policy.SMTP)
    m["From"] = "Lock Keeper <keeper@example.org>"
    m["To"] = "list@example.org"
    m["Subject"] = subject
    m["Date"] = "Tue, 06 Apr 2021 09:30:00 +0200"
    m["Message-ID"] = f"<{len(subject)}@example.org>"
    m.set_content(text, **more)
    return m


def mails():
    m = message("Übersicht über die Schleuse", ONE + "\n\nOn Mon, 5 Apr 2021 a fisherman wrote:\n> Who pays for the lamps?\n> Nobody knows.\n\n" + TWO + "\n\n-- \nLock Keeper\n", charset="iso-8859-1", cte="quoted-printable")
    m.add_alternative(f"<p>{ONE}</p>", subtype="html")
    m.add_attachment(THREE.encode(), maintype="text", subtype="plain", filename="lamps.txt")
    m.add_attachment(b"\x89PNG\r\n\x1a\n", maintype="image", subtype="png", filename="lamp.png")
    m.set_boundary("outer")
    next(m.iter_parts()).set_boundary("inner")
    open("message.eml", "wb").write(bytes(m))
    box = b""
    for subject, text in (("First notice", ONE), ("Second notice", TWO + "\n\nFrom here on the lamps burn.\n")):
        body = bytes(message(subject, text)).replace(b"\r\n", b"\n").replace(b"\nFrom here", b"\n>From here")
        box += b"From keeper@example.org Tue Apr  6 09:30:00 2021\n" + body + b"\n"
    open("box.mbox", "wb").write(box)
    html = message("Only HTML", "x")
    html.set_content(f'<div>{ONE}</div><div class="gmail_quote">On Monday someone wrote:<blockquote>{THREE}</blockquote></div>', subtype="html")
    open("html.eml", "wb").write(bytes(html))


RSS = f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Harbour notes</title><language>en</language>
<item><title>A second lock &amp; its lamps</title><link>https://harbour.example/1</link><guid>n1</guid><pubDate>Tue, 06 Apr 2021 09:30:00 +0200</pubDate>
<description>Short.</description><content:encoded><![CDATA[<p>{ONE}</p><p>{TWO}</p>]]></content:encoded></item>
<item><title>Lamps</title><link>https://harbour.example/2</link><pubDate>Wed, 07 Apr 2021 10:00:00 GMT</pubDate><description>{THREE}&nbsp;</description></item>
</channel></rss>
"""
ATOM = f"""<?xml version="1.0"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>Harbour notes</title>
<entry><title>A second lock</title><link href="https://harbour.example/1"/><id>tag:1</id><updated>2021-04-08T00:00:00Z</updated><published>2021-04-06T09:30:00+02:00</published>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>{ONE}</p><p>{TWO}</p></div></content></entry></feed>
"""


def archives():
    with zipfile.ZipFile("mixed.zip", "w", zipfile.ZIP_DEFLATED) as z:
        def put(name, data):
            z.writestr(zipfile.ZipInfo(name, (2021, 4, 6, 9, 30, 0)), data, zipfile.ZIP_DEFLATED)

        put("notes/one.txt", "A second lock\n\n" + ONE)
        put("notes/.hidden.txt", "hidden")
        put("picture.png", b"\x89PNG\r\n\x1a\n")
        inner = io.BytesIO()
        with zipfile.ZipFile(inner, "w") as y:
            y.writestr(zipfile.ZipInfo("../two.md", (2021, 4, 6, 9, 30, 0)), "# Lamps\n\n" + THREE)
        put("inner.zip", inner.getvalue())
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as t:
        for name, text in (("a/one.txt", "A second lock\n\n" + ONE), ("a/rows.csv", "title,text,level\nLock,\"%s\",2\n" % TWO)):
            info = tarfile.TarInfo(name)
            info.size = len(text.encode())
            t.addfile(info, io.BytesIO(text.encode()))
    open("notes.tar.gz", "wb").write(gzip.compress(buffer.getvalue(), mtime=0))


pdf_two_columns("columns.pdf")
pdf_rows("rows.pdf")
pdf_chinese("chinese.pdf")
pdf_words("words.pdf")
pdf_spaced("spaced.pdf")
docx_word("word.docx")
for name in ("pandoc.docx", "pandoc.odt", "pandoc.epub"):
    pypandoc.convert_text(MARKDOWN, name.split(".")[1], format="markdown", outputfile=name)
odt_odfpy("odfpy.odt")
book("book.epub")
mails()
open("feed.rss", "w").write(RSS)
open("feed.xml", "w").write(ATOM)
archives()
