package search

// Every constant of ranking stands here. Figures are nDCG@10 of the default
// model on xquad-r/dev, where nothing else is said.
const (
	// depth is how many passages of each language each leg finds at least. What
	// stands below in both cannot reach the first ten of a page.
	depth = 100

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

	// balanceShare: under the policy BALANCED each of n languages has at least
	// 1/(balanceShare·n) of the results, however far down they are cut.
	balanceShare = 2
)
