package search

// Every constant of ranking stands here. Figures are nDCG@10 of the default
// model on xquad-r/dev, where nothing else is said.
const (
	// depth is how many passages of each language each leg finds at least. What
	// stands below in both cannot reach the first ten of a page.
	depth = 100

	// MaxEntries is how many passages a list holds at most: to read further is to
	// ask another question.
	MaxEntries = 500

	// groupedDepth is depth where a document may have only so many passages of
	// the results, since the nearest may all be of few.
	groupedDepth = 300

	// copyShare is how many of the terms of two passages both must hold for them to
	// be looked at as copies. What is put before and after an agency's text is less.
	copyShare = .9
	// fewestTerms is how many terms a passage must have to be called a copy: fewer
	// are said again without having been copied.
	fewestTerms = 5
	// MaxCopies is how many copies of a passage are named at most.
	MaxCopies = 20

	// diversified is how many passages are ordered anew for diversity: the comparing
	// of each with each takes a millisecond or two, and more are rarely read.
	diversified = 100

	// lexicalWeight is how many standard deviations it costs a passage to hold none
	// of a query's words where another of its language holds all of them, as often
	// as counts. Between languages words say nothing: the passage of each that
	// holds most loses nothing, whichever the query's language is.
	//
	// One weight does for all directions: 0, 2, 5 and 8 give .917, .928, .934 and
	// .936 in one pool of three languages, .976, .982, .984 and .982 from en to en,
	// .961, .967, .972 and .974 from zh to zh, and no more than .003 either way where
	// the two differ. On the seeds they give .702, .702, .721 and .732. Adding .05
	// BM25 without comparing within languages gives .897 in one pool and .671 on
	// the seeds, since a translation shares no words with the query.
	lexicalWeight = 5

	// oddsWeight is what the log-odds of being an answer count beside that. They know
	// how much of the query a passage holds in the query's own language, which
	// lexicalWeight does not compare between languages. nDCG@10 in one pool / over the
	// seeds: .9617 / .842 with .1, .961 / .850 with .15, .9608 / .853 with .25, .9593 /
	// .848 with .5.
	oddsWeight = .25

	// A passage that holds more than nearlyAll of the query's words, weighted by IDF,
	// stands up to wholeWeight standard deviations higher, half of that if it is not in
	// the query's language: a single word that one passage alone has is what was asked
	// for. First passages right of 150 short questions over small collections (cases
	// ranking/dev): 146 without, 147 with; seeds .836 and .848; one pool as before.
	nearlyAll   = .7
	wholeWeight = 6
	// ownLanguage is how many standard deviations higher passages in the query's
	// language stand. It makes up for what oddsWeight takes from them: if each
	// paragraph is in one language only, those in the query's have .975 to .976
	// without and .977 to .979 with it, as before the two, and others .890 and .884.
	ownLanguage = .15

	// A passage whose centred vector has a cosine of c > pivotFrom with that of the
	// best passage, and is in another language, goes up by min(1, pivotSlope · (c −
	// pivotFrom)) of what it is behind. Translations have .43, .61 and .87 at the 5th,
	// 50th and 95th percentile, other passages .15 and .49 at the 50th and 95th. In
	// one pool .936 without, .9582 with 4 and .4, .9604 with 4 and .37, .9612 with 4
	// and .35, .9564 with 3 and .4; answers in other languages, own ones taken out, .914,
	// .954, .958, .960 and .951. The seeds, which have no translations, keep theirs.
	pivotSlope = 4
	pivotFrom  = .37
	// translation is the cosine from which a passage is named as a translation.
	translation = .5
	// MaxCounterparts is how many counterparts a list has at most: the best passage
	// and one of each other language.
	MaxCounterparts = 50

	// namedRelevance is the least relevance of an article that the question names by
	// its number, and by its year where it names one: what fits these is what was
	// asked for unless several do, and vectors say next to nothing of numbers.
	namedRelevance = 0.9

	// nearlyAsNear is how much less similar to the query than a passage's nearest two
	// sentences two others may be and still be highlighted. Of 66 questions of
	// xquad-r/dev in English whose answer one sentence gives by its words, the
	// nearest two sentences hold it in 64. Others are within .03 for three questions,
	// one of the missing two among them, and within .1 for twelve, with no more gain.
	nearlyAsNear = .03

	// confident is the relevance from which a passage answers more likely than not.
	confident = .5
	// onTopic is the relevance of the best passage below which the collection has
	// likely nothing about the subject. Of queries with an answer 1 % fall below; of
	// those whose article is left out 58 %, and 85 % of those over small collections
	// that are about something else.
	onTopic = .15

	// balanceShare: under the policy BALANCED each of n languages has at least
	// 1/(balanceShare·n) of the results, however far down they are cut.
	balanceShare = 2
)

// model is a logistic regression: what each piece of evidence counts in the log-odds
// that a passage answers.
type model struct {
	constant, above, score, lead, held, foreign, foreignHeld, lacking float64
}

// The models for answers with both legs, with vectors alone and with words alone.
// Fitted to the first three passages of every query over nine sets at once: whole
// questions over xquad-r/dev, over half of its articles, over three of them, and with
// each paragraph in one language only; questions whose article or paragraph is left
// out; short ones over the seeds and four small collections. A query of one of the
// latter sets counts twice. The constants are then shifted by .15, so that about as
// many queries with an answer fall below .5 on each kind of set.
//
// Of queries with an answer / without one, below / above .5, by numpy over the same
// vectors: xquad-r/dev 4 %, its articles left out 3 %, paragraphs left out 30 %; the
// seeds 12 % / 6 %; small collections 11 % / 8 %. Expected calibration error of first
// passages .085, .075 and .070.
var (
	hybridModel   = model{constant: -7.03, above: 9.84, score: .85, lead: 1.57, held: 5.83, foreign: 3.0, foreignHeld: 3.6, lacking: -1.48}
	semanticModel = model{constant: -5.15, above: 10.1, score: .91, lead: 3.7, foreign: .88}
	lexicalModel  = model{constant: -4.6, held: 10.5, foreign: 1.4, foreignHeld: 10.5, lacking: -1.85}
)
