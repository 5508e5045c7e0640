package search

// Every constant of ranking stands here. Figures are nDCG@10 of the default
// model on xquad-r/dev, where nothing else is said.
const (
	// depth is how many passages of each language each leg finds at least. What
	// stands below in both cannot reach the first ten of a page.
	depth = 100

	// The weights of a passage's BM25, a sum of some ten for a good match, beside
	// its mean z-score. In one language words are worth much (en→en .980 at .20,
	// .970 at .05); among several they favour the query's own, since a
	// translation shares none (one pool of three: .899 at .20, .907 at .05).
	lexicalWeightOneLanguage      = 0.20
	lexicalWeightSeveralLanguages = 0.05

	// balanceShare: under the policy BALANCED each of n languages has at least
	// 1/(balanceShare·n) of the results, however far down they are cut.
	balanceShare = 2
)
