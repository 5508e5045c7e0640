package eval

import "math"

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
	// Bins are ten ranges of relevance of equal size, in ascending order.
	Bins []Bin `json:"bins"`
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
	for _, result := range results {
		one := Bin{Results: 1, MeanRelevance: result.Relevance}
		if result.Right {
			one.ShareRight = 1
		}
		place := int(result.Relevance * reliabilityBins)
		b := &bins[max(0, min(place, reliabilityBins-1))]
		*b = b.with(one)
	}
	return reliabilityOf(bins)
}

// With returns the reliability of the results of r and other together.
func (r Reliability) With(other Reliability) Reliability {
	bins := make([]Bin, reliabilityBins)
	for i := range bins {
		bins[i] = r.Bins[i].with(other.Bins[i])
	}
	return reliabilityOf(bins)
}

func reliabilityOf(bins []Bin) Reliability {
	r := Reliability{Bins: bins}
	for _, b := range bins {
		r.Results += b.Results
		r.ECE += float64(b.Results) * math.Abs(b.MeanRelevance-b.ShareRight)
	}
	r.ECE /= float64(max(1, r.Results))
	return r
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
