package corpus_test

import (
	"strings"
	"testing"
)

// TestQuotes checks which parts of a message are kept: its own text, and what it forwards, but
// not what it answers.
func TestQuotes(t *testing.T) {
	t.Parallel()
	const own, other = "The lock is open.", "The keeper has the key."
	const gmail = `<div class="gmail_attr">---------- Forwarded message ---------<br>From: <b>Ann</b><br>Date: Mon, 3 May 2021<br>Subject: Locks<br></div>`
	const outlook = "From: Ann <a@x.y>\nSent: Monday, May 3, 2021 10:15 AM\nTo: Bo\nSubject: Locks\n\n"
	for name, tc := range map[string]struct {
		fields, body, want string
	}{
		"forwarded by Gmail":          {"Subject: Fwd: Locks", own + "\n\n---------- Forwarded message ---------\nFrom: Ann <a@x.y>\nDate: Mon, 3 May 2021\nSubject: Locks\nTo: Bo\n\n\n" + other, own + "\n\n" + other},
		"forwarded below a signature": {"Subject: Locks", own + "\n\n-- \nBo\n\n---------- Forwarded message ---------\nFrom: Ann\n\n" + other, own + "\n\n" + other},
		"forwarded only":              {"Subject: Locks", "-------- Weitergeleitete Nachricht --------\nBetreff: Locks\nVon: Ann\n\n" + other, other},
		"forwarded by Gmail as HTML":  {"Subject: Fwd: Locks\nContent-Type: text/html", "<p>" + own + `</p><div class="gmail_quote">` + gmail + "<p>" + other + "</p></div>", own + "\n\n" + other},
		"answered by Gmail as HTML":   {"Subject: Re: Locks\nContent-Type: text/html", "<p>" + own + `</p><div class="gmail_quote">On Monday Ann wrote:<br><p>` + other + "</p></div>", own},
		"answered by Outlook":         {"Subject: Re: Locks", own + "\n\n" + outlook + other, own},
		"forwarded by Outlook":        {"Subject: FW: Locks", own + "\n\n" + outlook + other, own + "\n\n" + other},
		"answered in German":          {"Subject: AW: Locks", own + "\n\n*Von:* Ann\n*Gesendet:* Montag, 3. Mai 2021 10:15\n*An:* Bo\n*Betreff:* Locks\n\n" + other, own},
		"answered by Outlook as HTML": {"Subject: Re: Locks\nContent-Type: text/html", "<p>" + own + "</p><p><b>From:</b> Ann<br><b>Sent:</b> Monday<br><b>To:</b> Bo<br><b>Subject:</b> Locks</p><p>" + other + "</p>", own},
		"a field alone is no head":    {"Subject: Locks", own + "\n\nFrom: the upper bank.\n\n" + other, own + "\n\n" + other},
		"spaces at the ends of lines": {"Subject: Locks\nContent-Type: text/plain; format=flowed; delsp=yes", "The lo \nck is  \n open.", own},
		"spaces that are kept":        {"Subject: Locks\nContent-Type: text/plain; format=flowed", "The lock \nis open.", own},
		"answered in Japanese":        {"Subject: Re: Locks", own + "\n\n2024年3月4日(月) 9:02 Ann <a@x.y>:\n\n> " + other, own},
		"answered in Dutch":           {"Subject: Re: Locks", own + "\n\nOp 04-03-2024 om 09:02 schreef Ann Bo:\n> " + other, own},
		"answered in Turkish":         {"Subject: Re: Locks", own + "\n\nAnn <a@x.y>, 4 Mar 2024 Pzt, 09:02 tarihinde şunu yazdı:\n\n> " + other, own},
		"an address on its own line":  {"Subject: Re: Locks", own + "\n\nAm 4. März 2024 schrieb Ann <\na@x.y>:\n\n> " + other, own},
		"an answer to part of a text": {"Subject: Re: Locks", "> " + other + "\n" + own, own},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file, err := read(t, "a.eml", []byte(strings.ReplaceAll("From: Bo <b@x.y>\nDate: Tue, 4 May 2021 09:12:33 +0200\nMIME-Version: 1.0\n"+tc.fields+"\n\n"+tc.body+"\n", "\n", "\r\n")))
			if err != nil || len(file.Documents) != 1 || file.Documents[0].Text != tc.want {
				t.Errorf("%v, %d documents; text %q, want %q", err, len(file.Documents), file.Documents[0].Text, tc.want)
			}
		})
	}
}
