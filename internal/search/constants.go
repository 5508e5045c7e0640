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

	// leastBest is the least share of the query's words that the best passage in the
	// query's own language is taken to hold. Where all hold next to none of them the
	// answer is likely in another language.
	leastBest = .15

	// oddsWeight is what the log-odds of being an answer count beside that. They know
	// how much of the query a passage holds in the query's own language, which
	// lexicalWeight does not compare between languages. nDCG@10 among the first 60
	// candidates in one pool / over the seeds / with each paragraph in one language, the
	// query's / another: .9538 / .849 / .987 / .875 with .22, .9538 / .861 / .990 / .879
	// with .3, .9533 / .872 / .986 / .886 with .5, .9529 / .872 / .983 / .887 with .8.
	oddsWeight = .5

	// A passage that holds more than nearlyAll of the query's words, weighted by IDF,
	// stands up to wholeWeight standard deviations higher, half of that if it is not in
	// the query's language: a single word that one passage alone has is what was asked
	// for. First passages right of 150 short questions over small collections (cases
	// ranking/dev): 146 without, 147 with; seeds .836 and .848; one pool as before.
	nearlyAll   = .7
	wholeWeight = 6
	// Words that no more than fewPassages of a language hold, and no more than one in
	// fewOf of its passages, are likely codes or names.
	// Passages that hold such, if they are at least tellingShare of the query by IDF,
	// stand tellingWeight standard deviations higher, half of that if they are not in the
	// query's language. Of 5,000 passages each with a code, "was the KIND CODE shipped to
	// PLACE?" with a wrong kind and place has the right one first in 15 of 40 without,
	// and with it in 35. In small collections most words are rare: there it would cost
	// answers in other languages .03.
	fewPassages   = 3
	fewOf         = 200
	tellingShare  = .3
	tellingWeight = 4
	// ownLanguage is how many standard deviations higher passages in the query's
	// language stand. It makes up for what oddsWeight takes from them: if each
	// paragraph is in one language only, those in the query's have .975 to .976
	// without and .977 to .979 with it, as before the two, and others .890 and .884.
	ownLanguage = .15

	// A passage whose centred vector has a cosine of c > pivotFrom with that of the
	// best passage, and is in another language, goes up by min(mostPull, pivotSlope · (c
	// − pivotFrom)) of what it is behind. Translations have .43, .61 and .87 at the 5th,
	// 50th and 95th percentile, other passages .15 and .49 at the 50th and 95th. In
	// one pool .936 without, .9582 with 4 and .4, .9604 with 4 and .37, .9612 with 4
	// and .35, .9564 with 3 and .4; answers in other languages, own ones taken out, .914,
	// .954, .958, .960 and .951. The seeds, which have no translations, keep theirs.
	//
	// The first pivoted passages of other languages are compared with it: 30 give .9612
	// in one pool, 60 and all .9617.
	pivotSlope = 4
	mostPull   = .99 // the best passage stays before its translations
	pivotFrom  = .37
	pivoted    = 100
	// translation is the cosine from which a passage is named as a translation. Texts
	// about the same thing reach .56 in small collections that have none.
	translation = .57
	// MaxCounterparts is how many counterparts a list has at most: the best passage
	// and one of each other language.
	MaxCounterparts = 50

	// namedRelevance is the least relevance of an article that the question names by
	// its number, and by its year where it names one: what fits these is what was
	// asked for unless several do, and vectors say next to nothing of numbers.
	namedRelevance = 0.9

	// withoutPhrase is what the relevance of a passage is multiplied by that lacks a
	// phrase which the query quotes: it stays below confident.
	withoutPhrase = .45

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
	constant, standing, score, held, foreign, foreignHeld, lacking, unseen float64
}

// The models for answers with both legs, with vectors alone and with words alone.
// Fitted to the first two passages of every query over nine sets at once: whole
// questions over xquad-r/dev, over half of its articles, over three of them, and with
// each paragraph in one language only; questions whose article or paragraph is left
// out; short ones over the seeds and four small collections. The constants are then
// shifted so that about as many queries with an answer fall below .5 on each kind of
// set, and the log-odds multiplied by 1.15: passages are surer than the fit says.
//
// Of queries with an answer / without one, below / above .5: xquad-r/dev 4.3 %, its
// articles left out 2.2 %, paragraphs left out 28 %; the seeds 9 % / 6 %; small
// collections 10 % / 5 %. Expected calibration error of first passages .089 on
// xquad-r/dev and .058 on the small collections. With the similarity above the null,
// not divided by its deviation, and the lead over the next five in place of standing,
// 5.0 % are flagged if 4.7 % of those without their article pass.
//
// unseen was fitted later, with six more small collections of 346 short questions: of
// 72 that nothing answers 10 were above .5 without it and 7 are with it; no other figure
// changed by more than one query.
var (
	hybridModel   = model{constant: -9.39, standing: .70, score: 1.38, held: 8.7, foreign: 3.26, foreignHeld: 6.7, lacking: -2.5, unseen: -2.3}
	semanticModel = model{constant: -6.33, standing: .57, score: 1.5}
	lexicalModel  = model{constant: -4.6, held: 10.5, foreign: 1.4, foreignHeld: 10.5, lacking: -1.85, unseen: -2.3}
)
