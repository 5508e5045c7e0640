package calibrate

// enough is how many passages of the corpus are a sample by themselves. How a
// query stands to background texts says less than how it stands to the corpus:
// with these in the samples up to 300, nDCG@10 over xquad-r/dev (120 passages a
// language) is .917 instead of .923, over the seeds (35) .710 instead of .735.
// Very small corpora need them: with 5 passages a language .968 instead of .940.
const enough = 30

// Learn makes a generation of what a corpus holds in each language, own with
// its means and samples with some of its passages, and of the vectors of
// background texts. A language without a background has that of Fallback; a
// background without passages in the corpus makes a language all the same, so
// that questions in it can be centred. A sample holds passages of the corpus
// and, while these are not enough, background texts.
func Learn(own map[string]Language, samples, background map[string][]Passage) map[string]Language {
	learned := make(map[string]Language, len(own)+len(background))
	for name, texts := range background {
		mean := Shrink(own[name].Mean, own[name].Passages, Mean(texts))
		learned[name] = Language{Mean: mean, Passages: own[name].Passages, Sample: CentrePassages(texts, mean)}
	}
	for name, l := range own {
		fallback, ok := learned[name]
		if !ok {
			fallback = learned[Fallback]
			l.Mean = Shrink(l.Mean, l.Passages, fallback.Mean)
		} else {
			l.Mean = fallback.Mean
		}
		l.Sample = CentrePassages(samples[name], l.Mean)
		if missing := enough - len(l.Sample); missing > 0 {
			l.Sample = append(l.Sample, fallback.Sample[:min(missing, len(fallback.Sample))]...)
		}
		learned[name] = l
	}
	return learned
}
