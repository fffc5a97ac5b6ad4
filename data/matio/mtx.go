package matio

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"strings"
)

// maxMTXLine bounds a line of a Matrix Market file. The format allows 1024
// bytes; comments tend not to know.
const maxMTXLine = 1 << 20

// Symmetry tells which elements of a matrix its triplets leave out.
type Symmetry uint8

const (
	General       Symmetry = iota // none
	Symmetric                     // those above the diagonal: a_ji = a_ij
	SkewSymmetric                 // those on and above the diagonal: a_ji = −a_ij
)

// String returns the symmetry as a Matrix Market file writes it.
func (s Symmetry) String() string {
	switch s {
	case General:
		return "general"
	case Symmetric:
		return "symmetric"
	case SkewSymmetric:
		return "skew-symmetric"
	}
	return "Symmetry(" + strconv.Itoa(int(s)) + ")"
}

// Triplets is a sparse matrix as a Matrix Market file lists it: the element
// (Row[k], Col[k]) is Value[k]. Unless the symmetry is General, the matrix is
// square, only the lower triangle is listed and each element stands for its
// mirror image too. No position is listed twice.
type Triplets struct {
	Rows, Cols int
	Row, Col   []int     // from 0, in the order of the file
	Value      []float64 // nil for a pattern, which has positions only
	Symmetry   Symmetry
}

// Expand returns the matrix with every element listed, each followed by its
// mirror image where the symmetry left that out. It shares no memory with t.
func (t *Triplets) Expand() *Triplets {
	out := &Triplets{Rows: t.Rows, Cols: t.Cols}
	n := len(t.Row)
	if t.Symmetry != General {
		for k, i := range t.Row {
			if i != t.Col[k] {
				n++
			}
		}
	}
	out.Row, out.Col = make([]int, 0, n), make([]int, 0, n)
	if t.Value != nil {
		out.Value = make([]float64, 0, n)
	}
	for k, i := range t.Row {
		j := t.Col[k]
		mirrored := t.Symmetry != General && i != j
		out.Row, out.Col = append(out.Row, i), append(out.Col, j)
		if mirrored {
			out.Row, out.Col = append(out.Row, j), append(out.Col, i)
		}
		if t.Value == nil {
			continue
		}
		x := t.Value[k]
		out.Value = append(out.Value, x)
		if mirrored {
			if t.Symmetry == SkewSymmetric {
				x = -x
			}
			out.Value = append(out.Value, x)
		}
	}
	return out
}

// room returns how many elements a matrix of this size and symmetry can list;
// ok is false when that is more than an int counts.
func (t *Triplets) room() (n int, ok bool) {
	a, b, half := uint64(t.Rows), uint64(t.Cols), uint64(1)
	switch {
	case t.Symmetry == Symmetric:
		b, half = a+1, 2
	case t.Symmetry == SkewSymmetric && a > 0:
		b, half = a-1, 2
	}
	high, low := bits.Mul64(a, b)
	low /= half
	if high != 0 || low > math.MaxInt {
		return 0, false
	}
	return int(low), true
}

// ReadMTX reads a Matrix Market file of real numbers, of integers or of a
// pattern. A dense one, in the format "array", gives every element that it
// lists, by columns. A file whose name ends in ".gz" is decompressed.
func ReadMTX(path string) (*Triplets, error) {
	s, f, err := openSource(path, mtxKind)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readMTX(s)
}

const mtxKind = "Matrix Market file"

func readMTX(s *source) (*Triplets, error) {
	lines := bufio.NewScanner(s.r)
	lines.Buffer(nil, maxMTXLine)
	m := &mtxReader{source: s, lines: lines, t: &Triplets{}}
	if err := m.banner(); err != nil {
		return nil, err
	}
	if err := m.sizes(); err != nil {
		return nil, err
	}
	if err := m.entries(); err != nil {
		return nil, err
	}
	// In an array the positions follow from the order.
	if !m.array {
		if a, b, found := repeated(m.t.Row, m.t.Col); found {
			return nil, faultf(s.name, "lines %d and %d both list %s; each position once was expected",
				m.lineOf(a), m.lineOf(b), place(m.t.Row[a], m.t.Col[a]))
		}
	}
	return m.t, nil
}

// mtxReader reads a Matrix Market file line by line.
type mtxReader struct {
	*source
	lines  *bufio.Scanner
	line   int      // the number of the current line, from 1
	fields []string // its fields

	array, integer, pattern bool

	t        *Triplets
	n        int // entries that the sizes promise
	sizeLine int
	runs     []mtxRun
}

// mtxRun is the start of entries on consecutive lines. Their lines are kept in
// this form because most files have one run.
type mtxRun struct{ entry, line int }

func (m *mtxReader) lineOf(entry int) int {
	k, found := slices.BinarySearchFunc(m.runs, entry, func(r mtxRun, e int) int { return cmp.Compare(r.entry, e) })
	if !found {
		k--
	}
	return m.runs[k].line + entry - m.runs[k].entry
}

// scan advances by one line of any kind; false means the end.
func (m *mtxReader) scan() (bool, error) {
	ok := m.lines.Scan()
	switch err := m.lines.Err(); {
	case ok && err == nil: // an error leaves half a line
		m.line++
		return true, nil
	case err == nil:
		return false, nil
	case errors.Is(err, bufio.ErrTooLong):
		return false, faultf(m.name, "line %d is longer than %d bytes; a %s was expected", m.line+1, maxMTXLine, mtxKind)
	default:
		return false, causef(m.name, err, "cannot be read (%s); an intact %s was expected", reason(err), m.noun)
	}
}

// next advances to a line that is neither blank nor a comment and splits it.
func (m *mtxReader) next() (bool, error) {
	for {
		ok, err := m.scan()
		if !ok || err != nil {
			return false, err
		}
		line := bytes.TrimSpace(m.lines.Bytes())
		if len(line) == 0 || line[0] == '%' {
			continue
		}
		m.fields = slices.AppendSeq(m.fields[:0], strings.FieldsSeq(string(line)))
		return true, nil
	}
}

// banner reads the first line, which tells what the others hold.
func (m *mtxReader) banner() error {
	const example = `"%%MatrixMarket matrix coordinate real general"`
	ok, err := m.scan()
	if err != nil {
		return err
	}
	if !ok {
		return faultf(m.name, "the %s is empty; a %s was expected", m.noun, mtxKind)
	}
	words := strings.Fields(strings.ToLower(m.lines.Text()))
	if len(words) != 5 || words[0] != "%%matrixmarket" {
		return faultf(m.name, "line 1 is %s; a banner such as %s was expected", quoted(m.lines.Text()), example)
	}
	object, format, field, symmetry := words[1], words[2], words[3], words[4]
	if object != "matrix" {
		return faultf(m.name, `line 1 announces the object %s; "matrix" was expected`, quoted(object))
	}
	switch format {
	case "coordinate":
	case "array":
		m.array = true
	default:
		return faultf(m.name, `line 1 announces the format %s; "coordinate" or "array" was expected`, quoted(format))
	}
	switch field {
	case "real":
	case "integer":
		m.integer = true
	case "pattern":
		m.pattern = true
	default:
		return faultf(m.name, `line 1 announces the field %s; "real", "integer" or "pattern" was expected`, quoted(field))
	}
	switch symmetry {
	case "general":
	case "symmetric":
		m.t.Symmetry = Symmetric
	case "skew-symmetric":
		m.t.Symmetry = SkewSymmetric
	default:
		return faultf(m.name, `line 1 announces the symmetry %s; "general", "symmetric" or "skew-symmetric" was expected`, quoted(symmetry))
	}
	if m.pattern && m.array {
		return faultf(m.name, `line 1 announces an array of the field "pattern"; "real" or "integer" was expected`)
	}
	if m.pattern && m.t.Symmetry == SkewSymmetric {
		return faultf(m.name, `line 1 announces a skew-symmetric matrix of the field "pattern"; "real" or "integer", which have a sign, was expected`)
	}
	return nil
}

// sizes reads the rows, the columns and, of coordinates, the entries.
func (m *mtxReader) sizes() error {
	want, what := 3, "rows, columns and entries"
	if m.array {
		want, what = 2, "rows and columns"
	}
	ok, err := m.next()
	if err != nil {
		return err
	}
	if !ok {
		return faultf(m.name, "the %s ends before the sizes; a line with %s was expected", m.noun, what)
	}
	m.sizeLine = m.line
	if len(m.fields) != want {
		return faultf(m.name, "line %d has %s; %s were expected", m.line, fields(len(m.fields)), what)
	}
	var size [3]int
	for k, field := range m.fields {
		size[k], err = strconv.Atoi(field)
		if err != nil || size[k] < 0 {
			return faultf(m.name, "line %d has the size %s; a whole number from 0 to %d was expected", m.line, quoted(field), math.MaxInt)
		}
	}
	t := m.t
	t.Rows, t.Cols, m.n = size[0], size[1], size[2]
	if t.Symmetry != General && t.Rows != t.Cols {
		return faultf(m.name, "line %d announces %d rows and %d columns of a %s matrix; as many rows as columns were expected",
			m.line, t.Rows, t.Cols, t.Symmetry)
	}
	room, ok := t.room()
	switch {
	case m.array && !ok:
		return faultf(m.name, "line %d announces an array of %d rows and %d columns; at most %d elements were expected",
			m.line, t.Rows, t.Cols, math.MaxInt)
	case m.array:
		m.n = room
	case ok && m.n > room:
		return faultf(m.name, "line %d promises %s of a %s matrix with %d rows and %d columns; at most %d were expected",
			m.line, entries(m.n), t.Symmetry, t.Rows, t.Cols, room)
	}
	return nil
}

// reserve makes room for the entries, but for no more than the bytes of the
// file can hold: their number is only promised so far.
func (m *mtxReader) reserve() {
	least := int64(len("1 1 1\n"))
	switch {
	case m.array:
		least = int64(len("1\n"))
	case m.pattern:
		least = int64(len("1 1\n"))
	}
	n := min(int64(m.n), 1024)
	if m.size >= 0 {
		n = min(int64(m.n), m.size/least+1)
	}
	m.t.Row, m.t.Col = make([]int, 0, n), make([]int, 0, n)
	if !m.pattern {
		m.t.Value = make([]float64, 0, n)
	}
}

// entries reads everything after the sizes.
func (m *mtxReader) entries() error {
	m.reserve()
	t := m.t
	i, j := firstRow(t.Symmetry, 0), 0 // the next element of an array
	last := 0                          // the line of the last entry
	for k := 0; ; k++ {
		ok, err := m.next()
		if err != nil {
			return err
		}
		if !ok {
			if k < m.n {
				return faultf(m.name, "the %s ends after %s; the %d that line %d promises were expected",
					m.noun, entries(k), m.n, m.sizeLine)
			}
			return nil
		}
		if k == m.n {
			return faultf(m.name, "line %d follows the last entry; line %d promises %s, so the end of the %s was expected",
				m.line, m.sizeLine, entries(m.n), m.noun)
		}
		if m.array {
			if len(m.fields) != 1 {
				return faultf(m.name, "line %d has %s; one value was expected", m.line, fields(len(m.fields)))
			}
		} else {
			if k == 0 || m.line != last+1 {
				m.runs = append(m.runs, mtxRun{k, m.line})
			}
			last = m.line
			if i, j, err = m.position(); err != nil {
				return err
			}
		}
		t.Row, t.Col = append(t.Row, i), append(t.Col, j)
		if !m.pattern {
			x, err := m.value(m.fields[len(m.fields)-1])
			if err != nil {
				return err
			}
			t.Value = append(t.Value, x)
		}
		if !m.array {
			continue
		}
		if i++; i == t.Rows {
			j++
			i = firstRow(t.Symmetry, j)
		}
	}
}

// firstRow is the first row of column j that an array lists.
func firstRow(s Symmetry, j int) int {
	switch s {
	case Symmetric:
		return j
	case SkewSymmetric:
		return j + 1
	}
	return 0
}

// position reads the row and the column of an entry.
func (m *mtxReader) position() (i, j int, err error) {
	t := m.t
	want, what := 3, "a row, a column and a value"
	if m.pattern {
		want, what = 2, "a row and a column"
	}
	if len(m.fields) != want {
		return 0, 0, faultf(m.name, "line %d has %s; %s were expected", m.line, fields(len(m.fields)), what)
	}
	if i, err = m.index("row", m.fields[0], t.Rows); err != nil {
		return 0, 0, err
	}
	if j, err = m.index("column", m.fields[1], t.Cols); err != nil {
		return 0, 0, err
	}
	switch {
	case t.Symmetry != General && i < j:
		return 0, 0, faultf(m.name, "line %d lists %s, above the diagonal; a %s file was expected to list the lower triangle only",
			m.line, place(i, j), t.Symmetry)
	case t.Symmetry == SkewSymmetric && i == j:
		return 0, 0, faultf(m.name, "line %d lists %s, on the diagonal; a skew-symmetric file was expected to list elements below it only",
			m.line, place(i, j))
	}
	return i, j, nil
}

// index reads a number from 1 to n and returns it from 0.
func (m *mtxReader) index(what, field string, n int) (int, error) {
	k, err := strconv.Atoi(field)
	if err != nil || k < 1 || k > n {
		return 0, faultf(m.name, "line %d has the %s %s; a whole number from 1 to %d was expected", m.line, what, quoted(field), n)
	}
	return k - 1, nil
}

// value reads a finite number.
func (m *mtxReader) value(field string) (float64, error) {
	if m.integer {
		x, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, faultf(m.name, "line %d has the value %s; an integer of at most 64 bits was expected", m.line, quoted(field))
		}
		return float64(x), nil
	}
	x, err := strconv.ParseFloat(field, 64)
	switch {
	case err != nil && !errors.Is(err, strconv.ErrRange) || strings.ContainsAny(field, "xX"): // hexadecimal
		return 0, faultf(m.name, "line %d has the value %s; a number was expected", m.line, quoted(field))
	case math.IsNaN(x) || math.IsInf(x, 0):
		return 0, faultf(m.name, "line %d has the value %s; a finite number was expected", m.line, quoted(field))
	}
	return x, nil
}

// repeated finds a position that is listed twice: of all these, the pair whose
// second entry comes first.
func repeated(row, col []int) (first, second int, found bool) {
	// Most files are in order, by rows or by columns, and need no sorting.
	byRow, byCol := true, true
	for k := 1; k < len(row) && (byRow || byCol); k++ {
		byRow = byRow && (row[k-1] < row[k] || row[k-1] == row[k] && col[k-1] < col[k])
		byCol = byCol && (col[k-1] < col[k] || col[k-1] == col[k] && row[k-1] < row[k])
	}
	if byRow || byCol {
		return 0, 0, false
	}
	order := make([]int, len(row))
	for k := range order {
		order[k] = k
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(row[a], row[b]), cmp.Compare(col[a], col[b]), cmp.Compare(a, b))
	})
	for k, b := range order[1:] {
		a := order[k]
		if row[a] == row[b] && col[a] == col[b] && (!found || b < second) {
			first, second, found = a, b, true
		}
	}
	return first, second, found
}

// place names a position as a Matrix Market file does, from 1.
func place(i, j int) string { return fmt.Sprintf("row %d, column %d", i+1, j+1) }

func entries(n int) string {
	if n == 1 {
		return "1 entry"
	}
	return strconv.Itoa(n) + " entries"
}

// WriteMTX writes t as a Matrix Market file of coordinates, real or pattern,
// atomically; one whose name ends in ".gz" is compressed. Each number is the
// shortest that reads back as the same value; NaN and the infinities, which
// the format lacks, are an error. It panics if t is not as [Triplets] says.
func WriteMTX(path string, t *Triplets) error {
	t.mustBeSound()
	for k, x := range t.Value {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return faultf(path, "the value at %s is %s; every value must be finite", place(t.Row[k], t.Col[k]), formatNumber(x))
		}
	}
	return Replace(path, func(w io.Writer) error {
		if !gzipped(path) {
			return writeMTX(w, t)
		}
		return compressed(w, func(w io.Writer) error { return writeMTX(w, t) })
	})
}

func writeMTX(w io.Writer, t *Triplets) error {
	field := "real"
	if t.Value == nil {
		field = "pattern"
	}
	if _, err := fmt.Fprintf(w, "%%%%MatrixMarket matrix coordinate %s %s\n%d %d %d\n",
		field, t.Symmetry, t.Rows, t.Cols, len(t.Row)); err != nil {
		return err
	}
	var line []byte
	for k, i := range t.Row {
		line = strconv.AppendInt(line[:0], int64(i)+1, 10)
		line = append(line, ' ')
		line = strconv.AppendInt(line, int64(t.Col[k])+1, 10)
		if t.Value != nil {
			line = append(line, ' ')
			line = append(line, formatNumber(t.Value[k])...)
		}
		if _, err := w.Write(append(line, '\n')); err != nil {
			return err
		}
	}
	return nil
}

// mustBeSound panics unless a file of t could be read back.
func (t *Triplets) mustBeSound() {
	n := len(t.Row)
	switch {
	case t.Rows < 0 || t.Cols < 0:
		panic(fmt.Sprintf("matio: triplets of %d rows and %d columns", t.Rows, t.Cols))
	case len(t.Col) != n || t.Value != nil && len(t.Value) != n:
		panic(fmt.Sprintf("matio: triplets of %d row indices, %d column indices and %d values", n, len(t.Col), len(t.Value)))
	case t.Symmetry > SkewSymmetric:
		panic("matio: triplets of an unknown " + t.Symmetry.String())
	case t.Symmetry != General && t.Rows != t.Cols:
		panic(fmt.Sprintf("matio: %s triplets of %d rows and %d columns", t.Symmetry, t.Rows, t.Cols))
	case t.Symmetry == SkewSymmetric && t.Value == nil:
		panic("matio: skew-symmetric triplets without values")
	}
	for k, i := range t.Row {
		j := t.Col[k]
		outside := i < 0 || i >= t.Rows || j < 0 || j >= t.Cols
		left := t.Symmetry != General && i < j || t.Symmetry == SkewSymmetric && i == j
		if outside || left {
			panic(fmt.Sprintf("matio: %s triplets of %d rows and %d columns list (%d, %d)", t.Symmetry, t.Rows, t.Cols, i, j))
		}
	}
	if a, b, found := repeated(t.Row, t.Col); found {
		panic(fmt.Sprintf("matio: triplets %d and %d both list (%d, %d)", a, b, t.Row[a], t.Col[a]))
	}
}
