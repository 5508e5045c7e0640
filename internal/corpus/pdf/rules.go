package pdf

import (
	"cmp"
	"slices"

	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
)

const (
	maxObjects    = 3000    // of a page that are searched for rules
	maxAllObjects = 150_000 // of a file, since the engine keeps each of them
	maxRules      = 400     // of a page, in each direction
	maxThickness  = 3.0     // of a rule, in points
	minLength     = 6.0     // of a rule, in points
	slack         = 2.5     // points that rules may miss each other by
)

// rule is a straight line that a page draws. For one across the page, at is its height; for an
// upright one, at is its place from the left.
type rule struct{ at, from, to float64 }

// covers reports whether a place along the rule is on it.
func (r rule) covers(place float64) bool { return place >= r.from-slack && place <= r.to+slack }

// rules returns the rules of a page. It asks for the box of each shape: a rule is a thin one, and a
// box has four rules around it.
func (e *engine) rules(page requests.Page) (across, upright []rule, err error) {
	counted, err := e.instance.FPDFPage_CountObjects(&requests.FPDFPage_CountObjects{Page: page})
	if err != nil {
		return nil, nil, err
	}
	count := min(counted.Count, maxObjects, maxAllObjects-e.objects)
	e.objects += max(count, 0)
	for i := range max(count, 0) {
		object, err := e.instance.FPDFPage_GetObject(&requests.FPDFPage_GetObject{Page: page, Index: i})
		if err != nil {
			return nil, nil, err
		}
		b, ok := e.shape(object.PageObject)
		wide, high := b.right-b.left, b.top-b.bottom
		switch {
		case !ok || wide < minLength && high < minLength:
		case high <= maxThickness:
			across = append(across, rule{(b.bottom + b.top) / 2, b.left, b.right})
		case wide <= maxThickness:
			upright = append(upright, rule{(b.left + b.right) / 2, b.bottom, b.top})
		default:
			across = append(across, rule{b.bottom, b.left, b.right}, rule{b.top, b.left, b.right})
			upright = append(upright, rule{b.left, b.bottom, b.top}, rule{b.right, b.bottom, b.top})
		}
	}
	return joinRules(across), joinRules(upright), nil
}

// shape returns the box of a shape with straight sides. ok is false for text, pictures and drawings.
func (e *engine) shape(object references.FPDF_PAGEOBJECT) (b box, ok bool) {
	const maxSegments = 6 // of a line or a box
	kind, err := e.instance.FPDFPageObj_GetType(&requests.FPDFPageObj_GetType{PageObject: object})
	if err != nil || kind.Type != enums.FPDF_PAGEOBJ_PATH {
		return b, false
	}
	segments, err := e.instance.FPDFPath_CountSegments(&requests.FPDFPath_CountSegments{PageObject: object})
	if err != nil || segments.Count > maxSegments {
		return b, false
	}
	at, err := e.instance.FPDFPageObj_GetBounds(&requests.FPDFPageObj_GetBounds{PageObject: object})
	if err != nil {
		return b, false
	}
	return box{left: float64(at.Left), right: float64(at.Right), bottom: float64(at.Bottom), top: float64(at.Top)}, true
}

// joinRules joins the pieces of rules. It returns none if there are too many for a table.
func joinRules(rules []rule) (joined []rule) {
	slices.SortFunc(rules, func(a, b rule) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.from, b.from)) })
	for start := 0; start < len(rules); {
		end := start + 1
		for end < len(rules) && rules[end].at-rules[start].at <= slack {
			end++
		}
		same := slices.SortedFunc(slices.Values(rules[start:end]), func(a, b rule) int { return cmp.Compare(a.from, b.from) })
		own := len(joined)
		for _, r := range same {
			if n := len(joined); n > own && r.from <= joined[n-1].to+slack {
				joined[n-1].to = max(joined[n-1].to, r.to)
				continue
			}
			joined = append(joined, rule{same[0].at, r.from, r.to})
		}
		start = end
	}
	if len(joined) > maxRules {
		return nil
	}
	return joined
}

// mirrored returns rules of a page whose left and right are exchanged and negative.
func mirrored(across, upright []rule) (_, _ []rule) {
	for i, r := range across {
		across[i].from, across[i].to = -r.to, -r.from
	}
	for i := range upright {
		upright[i].at = -upright[i].at
	}
	return across, upright
}

const minRowRule = 60.0 // minimum length, in points, of a rule between rows

// countRules notes for each run how many rules across the page are above it.
func countRules(runs []run, across []rule) {
	for i, r := range runs {
		for _, line := range across {
			if line.to-line.from >= minRowRule && line.at > (r.bottom+r.top)/2 && line.from < r.right && line.to > r.left {
				runs[i].rules++
			}
		}
	}
}
