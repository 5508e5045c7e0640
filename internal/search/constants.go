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

	// oddsWeight is what the log-odds of being an answer count beside that. The sum
	// of the two alone lets a language that shares no word with the query stand
	// before the query's own where that has many passages about it. 0 gives .938 in
	// one pool, .672 for answers in another language and .729 on the seeds, 1/6
	// .937, .651 and .775, 1/4 .936, .647 and .778, 1/3 .935, .644 and .777, the odds
	// alone .922, .623 and .782; no direction moves by more than .001.
	oddsWeight = .25

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

	// The log-odds of a passage being an answer, where vectors were compared, are
	// nearnessOdds·nearness + shareOdds·share + vectorOdds, share being that of the
	// query's words, and at least supposedShare where words were not looked at or
	// the passage is in another language than the query. Fitted by logistic
	// regression to the first three passages of every query over xquad-r/dev without
	// every other article, and without two of five paragraphs of each, in one pool
	// and again without the query's language; rounded, and the last shifted so that
	// 5 % of the queries that have an answer have no confident match.
	//
	// So have 98.5 % of those whose article is left out of the ranking, and 69 % of
	// those whose paragraph is; 97 % and 63 % where the samples lack these too. Over
	// half of the articles 6 % and 98.5 %, over two of them 10 % and 99.9 %, over
	// three of five paragraphs 5 % and 69 %. Fused with the bare similarity gives 95 %
	// and 57 % where the samples lack what is absent, and flags 10 % of what half of
	// the articles answer. Without supposedShare half of what is answered in another
	// language alone has no confident match, with it 22 %. Of the seeds' queries, of a
	// few words each and over passages all about the same, 10 of 18 have
	// none, and both without an answer.
	nearnessOdds  = 6
	shareOdds     = 12
	supposedShare = .2
	vectorOdds    = -9.85

	// Where terms alone were compared, the log-odds are termShareOdds·share + termOdds,
	// fitted to the first passages over the same corpora in one pool. A share says
	// less: 15 % (en 6, zh 31, es 7) of the queries that have an answer have no
	// confident match, 93 % of those whose article and 75 % of those whose paragraph
	// is left out, and nearly all that are answered in another language alone.
	termShareOdds = 20
	termOdds      = -4.7

	// confident is the relevance that makes a match confident: it answers more
	// likely than not.
	confident = .5

	// balanceShare: under the policy BALANCED each of n languages has at least
	// 1/(balanceShare·n) of the results, however far down they are cut.
	balanceShare = 2
)
