package corpus_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestMailParts checks which parts of a message are its text, and how its attachments are named,
// as mail programs and lists write them.
func TestMailParts(t *testing.T) {
	t.Parallel()
	const plain, html = "Content-Type: text/plain\n\n", "Content-Type: text/html\n\n"
	multipart := func(kind, boundary string, parts ...string) string {
		return "Content-Type: multipart/" + kind + "; boundary=" + boundary + "\n\n--" + boundary + "\n" + strings.Join(parts, "\n--"+boundary+"\n") + "\n--" + boundary + "--\n"
	}
	coded := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	const gbk = "\xb1\xa8\xb8\xe6" // 报告
	for name, tc := range map[string]struct {
		message string
		want    []string // the texts, then the parts that are not read
	}{
		"foot of a mailing list": {multipart("mixed", "a", html+"<p>The lock is open.</p>", plain+"List of the harbour."), []string{"The lock is open.\n\nList of the harbour."}},
		"HTML around a picture": {
			multipart("mixed", "a", html+"<p>The lock is open.</p>", "Content-Type: image/png; name=a.png\n\nx", html+"<p>The gate is shut.</p>"),
			[]string{"The lock is open.\n\nThe gate is shut.", "a.eml/a.png"},
		},
		"versions": {
			multipart("mixed", "a", multipart("alternative", "b", plain+"The lock is open.", html+"<p>The lock is <b>open</b>.</p>", "Content-Type: text/calendar\n\nBEGIN:VCALENDAR"), plain+"The gate is shut."),
			[]string{"The lock is open.\n\nThe gate is shut."},
		},
		"blank version":               {multipart("alternative", "b", plain+" ", multipart("related", "c", html+"<p>The lock is open.</p>", "Content-Type: image/png\nContent-ID: <x>\n\nx")), []string{"The lock is open.", "a.eml/attachment-1"}},
		"text twice, not as versions": {multipart("mixed", "b", plain+"The lock is open.", html+"<p>The lock is <b>open</b>.</p>"), []string{"The lock is open."}},
		"signature of the first part": {multipart("mixed", "b", plain+"The lock is open.\n\n-- \nAnn", plain+"The gate is shut."), []string{"The lock is open.\n\nThe gate is shut."}},
		"attachment without a name":   {multipart("mixed", "b", plain+"The lock is open.", "Content-Type: text/plain\nContent-Disposition: attachment\n\nThe gate is shut."), []string{"The lock is open.", "The gate is shut."}},
		"Outlook's own format":        {multipart("mixed", "b", plain+"The lock is open.", "Content-Type: application/ms-tnef; name=\"winmail.dat\"\nContent-Transfer-Encoding: base64\n\n"+coded("\x78\x9f\x3e\x22\x00")), []string{"The lock is open.", "a.eml/winmail.dat"}},
		"name in a charset":           {multipart("mixed", "b", plain+"The lock is open.", "Content-Type: application/octet-stream\nContent-Disposition: attachment; filename*=GBK''%B1%A8%B8%E6.txt\n\nThe gate is shut."), []string{"The lock is open.", "The gate is shut."}},
		"encoded name":                {multipart("mixed", "b", plain+"The lock is open.", "Content-Type: application/octet-stream; name=\"=?GBK?B?"+coded(gbk+".txt")+"?=\"\nContent-Disposition: attachment\n\nThe gate is shut."), []string{"The lock is open.", "The gate is shut."}},
		"name with spaces":            {multipart("mixed", "b", plain+"The lock is open.", "Content-Type: application/octet-stream\nContent-Disposition: attachment; filename=the gate.txt\n\nThe gate is shut."), []string{"The lock is open.", "The gate is shut."}},
		"Chinese in base64":           {"Content-Type: text/plain; charset=gb2312\nContent-Transfer-Encoding: base64\n\n" + coded("\xb8\xdb\xbf\xda\xbf\xaa\xb7\xc5\xa1\xa3"), []string{"港口开放。"}},
		"quoted-printable":            {"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\nDie Schleuse ist ge=\n=C3=B6ffnet.", []string{"Die Schleuse ist geöffnet."}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file, err := read(t, "a.eml", []byte(strings.ReplaceAll("From: Bo <b@x.y>\nDate: Tue, 4 May 2021 09:12:33 +0200\nSubject: Locks\nMIME-Version: 1.0\n"+tc.message+"\n", "\n", "\r\n")))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, d := range file.Documents {
				got = append(got, d.Text)
			}
			for _, skipped := range file.Skipped {
				got = append(got, skipped.File)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("texts and parts that are not read (-want +got):\n%s", diff)
			}
		})
	}
}

// TestSubjectInPieces checks a subject that a program divided inside a character.
func TestSubjectInPieces(t *testing.T) {
	t.Parallel()
	word := func(s string) string { return "=?GBK?B?" + base64.StdEncoding.EncodeToString([]byte(s)) + "?=" }
	file, err := read(t, "a.eml", []byte("From: b@x.y\nDate: Tue, 4 May 2021 09:12:33 +0200\nMIME-Version: 1.0\nSubject: Fwd: "+word("\xb1\xa8\xb8")+"\n "+word("\xe6")+" A =?utf-8?Q?=C3=B6?=\n\nThe lock is open.\n"))
	if err != nil || file.Documents[0].Title != "Fwd: 报告 A ö" {
		t.Errorf("%v, %v", file.Documents, err)
	}
}

// TestMailboxLines checks which lines begin a message of a mailbox, also of one that Gmail exports.
func TestMailboxLines(t *testing.T) {
	t.Parallel()
	const first = "From 1712345678901234567@xxx Mon May 01 10:00:00 +0000 2023\nX-GM-THRID: 1712345678901234567\nX-Gmail-Labels: Inbox,=?UTF-8?Q?H=C3=A4fen?=\nFrom: a@x.y\nSubject: A\n\n"
	file, err := read(t, "a.mbox", []byte(first+"The lock is open.\n\nFrom here on, the lamps burn.\n\n>From dawn, they do not.\n\nFrom - Tue May  2 10:00:00 2023\nSubject: B\n\nThe gate is shut.\n"))
	var got []string
	for _, d := range file.Documents {
		got = append(got, d.Title+": "+d.Text)
	}
	want := []string{"A: The lock is open.\n\nFrom here on, the lamps burn.\n\nFrom dawn, they do not.", "B: The gate is shut."}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v, messages (-want +got):\n%s", err, diff)
	}
}

// TestMailLabels checks that the labels of a message are metadata, as Gmail and others write them.
func TestMailLabels(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ head, want string }{
		"Gmail":               {"X-Gmail-Labels: Inbox,Important,Locks/2024", "Inbox, Important, Locks/2024"},
		"Gmail, beyond ASCII": {"X-Gmail-Labels: =?UTF-8?Q?Bo=C3=AEte_de_r=C3=A9ception,H?=\n =?UTF-8?Q?=C3=A4fen,Ouvert?=", "Boîte de réception, Häfen, Ouvert"},
		"keywords":            {"Keywords: locks, gates\n ,lamps", "locks, gates, lamps"},
		"both":                {"Keywords: locks\nX-Gmail-Labels: Inbox", "Inbox"},
		"none":                {"X-Gmail-Labels: ,", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file, err := read(t, "a.eml", []byte("From: b@x.y\nDate: Tue, 4 May 2021 09:12:33 +0200\nMIME-Version: 1.0\nSubject: A\n"+tc.head+"\n\nThe lock is open.\n"))
			if err != nil || file.Documents[0].Metadata["labels"] != tc.want {
				t.Errorf("%v, %v; want the labels %q", file.Documents, err, tc.want)
			}
		})
	}
}
