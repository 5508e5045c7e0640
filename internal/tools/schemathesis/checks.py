"""Hooks of Schemathesis: checks of its own, and bodies with one JSON value per line."""

import json
import pathlib
import re

import schemathesis

LINES = "application/x-ndjson"

# The first cells of the tables in docs/http.md, such as "401, 403". An error of the server is none of them.
PAGE = pathlib.Path(__file__).parents[3] / "docs" / "http.md"
STATUSES = {200, 304} | {
    int(status)
    for cell in re.findall(r"^\| ([0-9, ]+) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    for status in cell.split(",")
    if int(status) < 500
}


@schemathesis.serializer(LINES)
def serialize(_context, value):
    """Sends the value as two lines, with one between them that is not JSON."""
    line = json.dumps(value)
    return "\n".join((line, "{", line))


@schemathesis.deserializer(LINES)
def deserialize(_context, response):
    """Returns the first line, since the description has the schema of a line."""
    return json.loads(response.content.partition(b"\n")[0] or b"{}")


@schemathesis.check
def documented_status(_context, response, _case):
    """docs/http.md lists the status of the answer."""
    assert response.status_code in STATUSES, f"docs/http.md has no status {response.status_code}"


@schemathesis.check
def lines_are_answered(_context, response, case):
    """Each of the three lines has an answer, or the last answer is an error of the whole import."""
    if case.media_type == LINES and response.status_code == 200:
        answers = [json.loads(line) for line in response.content.splitlines()]
        assert len(answers) == 3 or "error" in answers[-1], f"{len(answers)} answers"
