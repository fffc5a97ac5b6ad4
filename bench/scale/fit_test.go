package scale

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestExactPower: a power law is found as it is, with an interval of no width.
func TestExactPower(t *testing.T) {
	x := []float64{250, 500, 1000, 4000}
	var y []float64
	for _, v := range x {
		y = append(y, 3e-9*math.Pow(v, 1.75))
	}
	p, err := fitPower(x, y)
	if err != nil || math.Abs(p.Exponent-1.75) > 1e-12 || math.Abs(p.Factor/3e-9-1) > 1e-9 || p.High-p.Low > 1e-6 || p.Points != 4 {
		t.Errorf("%+v, %v", p, err)
	}
	if got := p.Factor * math.Pow(2000, p.Exponent); math.Abs(got/(3e-9*math.Pow(2000, 1.75))-1) > 1e-9 {
		t.Errorf("%g at 2000", got)
	}
}

// TestKnownInterval holds the interval against one worked out by hand: the points
// (0, 0), (1, 1), (2, 1) in logarithms have the slope 1/2 and the rest 1/6.
func TestKnownInterval(t *testing.T) {
	p, err := fitPower([]float64{1, math.E, math.Exp(2)}, []float64{1, math.E, math.E})
	half := 12.706204736 * math.Sqrt(1.0/6/1/2) // Student's t with one degree of freedom
	if err != nil || math.Abs(p.Exponent-0.5) > 1e-12 || math.Abs(p.High-0.5-half) > 1e-6 || math.Abs(0.5-p.Low-half) > 1e-6 {
		t.Errorf("%+v, %v; want 0.5 ± %g", p, err, half)
	}
	if math.Abs(p.Scatter-math.Sqrt(1.0/6)) > 1e-12 {
		t.Errorf("a scatter of %g about the line; want √(1/6)", p.Scatter)
	}
	if text := p.String(); text != "0.500, no interval: by 3 points it is 7.34 wide, more than 1" {
		t.Errorf("%q", text)
	}
	if text := (Power{Exponent: 2, Low: 1.9, High: 2.1, Points: 5}).String(); text != "2.000 (1.900 to 2.100), 5 points" {
		t.Errorf("%q", text)
	}
}

// TestCoverage: of many noisy power laws the interval has the exponent of about 95
// in 100.
func TestCoverage(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	x := []float64{1, 2, 4, 8, 16, 32}
	const rounds = 4000
	covered := 0
	for range rounds {
		y := make([]float64, len(x))
		for i, v := range x {
			y[i] = v * v * math.Exp(0.2*rnd.NormFloat64())
		}
		p, err := fitPower(x, y)
		if err != nil {
			t.Fatal(err)
		}
		if p.Low <= 2 && 2 <= p.High {
			covered++
		}
	}
	// Four standard deviations of a count with the probability 0.95.
	if share := float64(covered) / rounds; math.Abs(share-0.95) > 4*math.Sqrt(0.95*0.05/rounds) {
		t.Errorf("the interval has the exponent in %.3f of the cases; want 0.95", share)
	}
}

func TestNoFit(t *testing.T) {
	for _, c := range []struct {
		x, y []float64
		want string
	}{
		{[]float64{1, 2}, []float64{1, 2}, "not enough points: 2"},
		{nil, nil, "not enough points: 0"},
		{[]float64{1, 1, 2, 2}, []float64{1, 1, 2, 2}, "not enough points: 2"},
		{[]float64{1, 2, 3}, []float64{1, 0, 3}, "expected positive numbers"},
		{[]float64{1, 2, 3}, []float64{1, math.NaN(), 3}, "expected positive numbers"},
		{[]float64{1, 2, math.Inf(1)}, []float64{1, 2, 3}, "expected positive numbers"},
	} {
		if _, err := fitPower(c.x, c.y); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, %v: %v; want %q", c.x, c.y, err, c.want)
		}
	}
}
