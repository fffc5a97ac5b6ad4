package report

import "lowrank/bench/figure"

// Figure is what the page shows of one figure.
type Figure struct {
	Name       string      `json:"name"` // system/figure, as in sensing/fig3
	Title      string      `json:"title"`
	Quick      bool        `json:"quick"`
	Caption    string      `json:"caption"`
	Command    string      `json:"command"` // that makes it
	Parameters []Parameter `json:"parameters"`
	Verdicts   []Verdict   `json:"verdicts"`
	Cost       string      `json:"cost"`    // one line
	Machine    string      `json:"machine"` // one line
	Files      []string    `json:"files"`   // relative to the directory of index.html, as sensing/fig3.csv

	Page figure.Page `json:"-"` // the panels; the file has them in a form of its own
}

// Parameter is one setting that the figure was made with.
type Parameter struct {
	Name     string `json:"name"`
	Value    string `json:"value"`
	Comment  string `json:"comment"`
	Inferred bool   `json:"inferred"` // not given by the paper
}

// Verdict is one thing that the figure must show.
type Verdict struct {
	Status string `json:"status"` // PASS, FAIL, or NOTE for a number that is reported without a verdict
	Text   string `json:"text"`
}
