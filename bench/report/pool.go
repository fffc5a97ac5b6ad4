package report

// pool keeps each array once, however many lines share it.
type pool struct {
	arrays []numbers
	index  map[string]int // by the text of the array
}

// add returns the index of an array with these values.
func (p *pool) add(v []float64) int {
	text, _ := numbers(v).MarshalJSON() // never fails
	if i, ok := p.index[string(text)]; ok {
		return i
	}
	if p.index == nil {
		p.index = map[string]int{}
	}
	p.index[string(text)] = len(p.arrays)
	p.arrays = append(p.arrays, v)
	return len(p.arrays) - 1
}

// optional is add, or nil for no array.
func (p *pool) optional(v []float64) *int {
	if v == nil {
		return nil
	}
	i := p.add(v)
	return &i
}
