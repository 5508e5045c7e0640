package eval

import (
	"math"
	"slices"
)

// reliabilityBins is the number of equal intervals that the range of relevance is divided
// into.
const reliabilityBins = 10

// FirstResult is the first result of a query.
type FirstResult struct {
	Relevance float64 // 0 to 1
	Right     bool    // whether the result is an answer
}

// Reliability measures how well the relevance of first results agrees with how often they
// are right.
type Reliability struct {
	Results int `json:"results"`
	// ECE is the expected calibration error: the mean over results of the difference, in
	// their bin, between the mean relevance and the share of right results. It is between 0
	// and 1, and 0 if there are no results. Naeini, Cooper and Hauskrecht, Obtaining Well
	// Calibrated Probabilities Using Bayesian Binning, AAAI 2015.
	ECE float64 `json:"ece"`
	// ExpectedECE is the mean ECE that the same relevances have if each is exactly the
	// probability that its result is right. With few results it is far above 0, since the
	// share of right results in a bin varies by chance. If ECE is about as high, it is no
	// evidence against the relevances.
	ExpectedECE float64 `json:"expected_ece"`
	// Bins are ten ranges of relevance of equal size, in ascending order.
	Bins []Bin `json:"bins"`
	// Relevances are those of the results, ascending.
	Relevances []float64 `json:"relevances"`
}

// Bin holds the results with a relevance from From up to but not including To. The
// last bin includes 1. The means of an empty bin are 0.
type Bin struct {
	From          float64 `json:"from"`
	To            float64 `json:"to"`
	Results       int     `json:"results"`
	MeanRelevance float64 `json:"mean_relevance"`
	ShareRight    float64 `json:"share_right"`
}

// NewReliability computes the reliability of first results.
func NewReliability(results []FirstResult) Reliability {
	bins := make([]Bin, reliabilityBins)
	for i := range bins {
		bins[i].From, bins[i].To = float64(i)/reliabilityBins, float64(i+1)/reliabilityBins
	}
	relevances := make([]float64, len(results))
	for i, result := range results {
		one := Bin{Results: 1, MeanRelevance: result.Relevance}
		if result.Right {
			one.ShareRight = 1
		}
		b := &bins[binOf(result.Relevance)]
		*b = b.with(one)
		relevances[i] = result.Relevance
	}
	return reliabilityOf(bins, relevances)
}

// With returns the reliability of the results of r and other together.
func (r Reliability) With(other Reliability) Reliability {
	bins := make([]Bin, reliabilityBins)
	for i := range bins {
		bins[i] = r.Bins[i].with(other.Bins[i])
	}
	return reliabilityOf(bins, slices.Concat(r.Relevances, other.Relevances))
}

// binOf returns the index of the bin of a relevance.
func binOf(relevance float64) int {
	return max(0, min(int(relevance*reliabilityBins), reliabilityBins-1))
}

func reliabilityOf(bins []Bin, relevances []float64) Reliability {
	slices.Sort(relevances)
	r := Reliability{Results: len(relevances), Bins: bins, Relevances: relevances}
	binned := make([][]float64, reliabilityBins)
	for _, relevance := range relevances {
		i := binOf(relevance)
		binned[i] = append(binned[i], relevance)
	}
	for i, b := range bins {
		r.ECE += float64(b.Results) * math.Abs(b.MeanRelevance-b.ShareRight)
		r.ExpectedECE += meanDifference(binned[i])
	}
	n := float64(max(1, r.Results))
	r.ECE, r.ExpectedECE = r.ECE/n, r.ExpectedECE/n
	return r
}

// meanDifference returns the mean absolute difference between the sum of probabilities and
// the number of results that are right, if each is right with its probability.
func meanDifference(probabilities []float64) float64 {
	right := []float64{1} // the probability of each number of right results
	sum := 0.
	for _, p := range probabilities {
		right = append(right, 0)
		for n := len(right) - 1; n > 0; n-- {
			right[n] = right[n]*(1-p) + right[n-1]*p
		}
		right[0] *= 1 - p
		sum += p
	}
	mean := 0.
	for n, p := range right {
		mean += p * math.Abs(sum-float64(n))
	}
	return mean
}

// with returns a bin with the results of both, which must have the same range.
func (b Bin) with(other Bin) Bin {
	own, n := b.Results, b.Results+other.Results
	if n == 0 {
		return b
	}
	share := float64(own) / float64(n)
	b.Results = n
	b.MeanRelevance = share*b.MeanRelevance + (1-share)*other.MeanRelevance
	b.ShareRight = share*b.ShareRight + (1-share)*other.ShareRight
	return b
}
