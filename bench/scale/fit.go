package scale

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Power is y = Factor·x^Exponent, fitted by least squares to log y over log x.
type Power struct {
	Exponent float64 `json:"exponent"`
	// Low and High are the ends of the 95 % confidence interval of the exponent, from
	// Student's t with Points − 2 degrees of freedom: as far as the points lie about
	// the line by chance, alike everywhere.
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
	Factor float64 `json:"factor"`
	// Scatter is the standard deviation of log y about the line: 0.02 is 2 %.
	Scatter float64 `json:"scatter"`
	Points  int     `json:"points"`
}

// confidence of the intervals.
const confidence = 0.95

// leastPoints of a fit: through two there is a line, and nothing about it is known.
const leastPoints = 3

// fitPower fits a power law to positive numbers, at least three, at three
// different x or more.
func fitPower(x, y []float64) (Power, error) {
	if len(x) != len(y) {
		panic("scale: as many x as y")
	}
	different := map[float64]bool{}
	lx, ly := make([]float64, len(x)), make([]float64, len(x))
	for i := range x {
		if !(x[i] > 0 && y[i] > 0) || math.IsInf(x[i], 0) || math.IsInf(y[i], 0) {
			return Power{}, fmt.Errorf("a power law through (%g, %g); expected positive numbers", x[i], y[i])
		}
		different[x[i]] = true
		lx[i], ly[i] = math.Log(x[i]), math.Log(y[i])
	}
	if len(different) < leastPoints {
		return Power{}, fmt.Errorf("not enough points: %d, expected at least %d", len(different), leastPoints)
	}
	a, b := stat.LinearRegression(lx, ly, nil, false)
	mean := stat.Mean(lx, nil)
	var spread, rest float64
	for i := range lx {
		spread += (lx[i] - mean) * (lx[i] - mean)
		off := ly[i] - a - b*lx[i]
		rest += off * off
	}
	free := float64(len(x) - 2)
	scatter := math.Sqrt(rest / free)
	half := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: free}.Quantile(1-(1-confidence)/2) * scatter / math.Sqrt(spread)
	return Power{Exponent: b, Low: b - half, High: b + half, Factor: math.Exp(a), Scatter: scatter, Points: len(x)}, nil
}

// widest is how wide an interval says something about an exponent.
const widest = 1

// narrow reports whether the interval is one to print.
func (p Power) narrow() bool { return p.High-p.Low <= widest }

func (p Power) String() string {
	if !p.narrow() {
		return fmt.Sprintf("%.3f, no interval: by %d points it is %.2f wide, more than %d", p.Exponent, p.Points, p.High-p.Low, widest)
	}
	return fmt.Sprintf("%.3f (%.3f to %.3f), %d points", p.Exponent, p.Low, p.High, p.Points)
}
