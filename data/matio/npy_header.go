package matio

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"math/bits"
	"slices"
	"strconv"
)

const (
	magic = "\x93NUMPY"

	// maxHeader bounds the text that a version 2 header can make us read; the
	// dictionary of a float array needs about a hundred bytes.
	maxHeader = 1 << 20

	// dataAlign is the alignment NumPy gives to the first element.
	dataAlign = 64
)

// DType is the type of the elements of an array.
type DType uint8

const (
	F4 DType = iota + 1 // little-endian float32
	F8                  // little-endian float64
)

// String returns the type as NumPy writes it: "<f4" or "<f8".
func (d DType) String() string {
	switch d {
	case F4:
		return "<f4"
	case F8:
		return "<f8"
	}
	return "DType(" + strconv.Itoa(int(d)) + ")"
}

// Size returns the number of bytes of one element.
func (d DType) Size() int {
	switch d {
	case F4:
		return 4
	case F8:
		return 8
	}
	panic("matio: size of an unknown " + d.String())
}

// header is what precedes the elements in a .npy file.
type header struct {
	dtype   DType
	fortran bool
	shape   []int
	n       int // number of elements; n times the size of one fits an int
}

// bytes returns how many bytes of elements the header asks for.
func (h header) bytes() int64 { return int64(h.n) * int64(h.dtype.Size()) }

// source is a stream of bytes in the .npy format.
type source struct {
	name string
	noun string // "file", "stream" or "member", for sentences
	r    io.Reader
	size int64 // total number of bytes, -1 when unknown

	// exists says that size bytes are on the disk and not merely declared, so
	// that they may be allocated at once.
	exists bool
}

// readHeader reads up to the first element and returns its offset.
func (s *source) readHeader() (header, int64, error) {
	var none header
	const cut = "the %s ends inside the header; a complete .npy file was expected"

	prefix, err := s.upTo(int64(len(magic)) + 2)
	if err != nil {
		return none, 0, err
	}
	switch {
	case len(prefix) == 0:
		return none, 0, faultf(s.name, "the %s is empty; a .npy file was expected", s.noun)
	case bytes.HasPrefix(prefix, []byte("PK\x03\x04")):
		return none, 0, faultf(s.name, "the %s is a zip archive, perhaps a .npz file; a .npy file was expected", s.noun)
	case string(prefix[:min(len(prefix), len(magic))]) != magic[:min(len(prefix), len(magic))]:
		return none, 0, faultf(s.name, "the %s does not begin with the magic string of NumPy; a .npy file was expected", s.noun)
	case len(prefix) < len(magic)+2:
		return none, 0, faultf(s.name, cut, s.noun)
	}
	major, minor := prefix[len(magic)], prefix[len(magic)+1]
	if major < 1 || major > 3 || minor != 0 {
		return none, 0, faultf(s.name, "the format version is %d.%d; 1.0, 2.0 or 3.0 was expected", major, minor)
	}

	width := int64(4)
	if major == 1 {
		width = 2
	}
	field, err := s.upTo(width)
	if err != nil {
		return none, 0, err
	}
	if int64(len(field)) < width {
		return none, 0, faultf(s.name, cut, s.noun)
	}
	var length int64
	if major == 1 {
		length = int64(binary.LittleEndian.Uint16(field))
	} else {
		length = int64(binary.LittleEndian.Uint32(field))
	}
	start := int64(len(prefix)) + width

	const short = "the header is declared to be %d bytes long but only %d bytes follow; a complete .npy file was expected"
	if s.size >= 0 && length > s.size-start {
		return none, 0, faultf(s.name, short, length, s.size-start)
	}
	if length > maxHeader {
		return none, 0, faultf(s.name, "the header is declared to be %d bytes long; at most %d bytes were expected", length, maxHeader)
	}
	text, err := s.upTo(length)
	if err != nil {
		return none, 0, err
	}
	if int64(len(text)) < length {
		return none, 0, faultf(s.name, short, length, len(text))
	}
	h, err := parseHeader(text)
	if err != nil {
		return none, 0, faultf(s.name, "%s", err)
	}
	return h, start + length, nil
}

// upTo reads n bytes, or fewer where the source ends. The buffer grows with
// what arrives unless the bytes exist, because n is a claim of the source.
func (s *source) upTo(n int64) ([]byte, error) {
	first := min(n, 64<<10)
	if s.exists {
		first = min(n, s.size)
	}
	buf := make([]byte, 0, first)
	for int64(len(buf)) < n {
		if len(buf) == cap(buf) {
			grown := make([]byte, len(buf), min(n, 2*int64(cap(buf))+1))
			copy(grown, buf)
			buf = grown
		}
		// Not io.ReadFull, which would hide a deflated stream that is cut off
		// behind the same error as a plain end.
		k, err := s.r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+k]
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, causef(s.name, err, "cannot be read (%s); an intact %s was expected", reason(err), s.noun)
		}
	}
	return buf, nil
}

// parseHeader reads the dictionary of a header, for example
//
//	{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }
//
// Its errors lack the name of the file.
func parseHeader(text []byte) (header, error) {
	var h header
	p := headerText{text: text}
	if err := p.expect('{', "a Python dictionary"); err != nil {
		return h, err
	}
	var seen []string
	for !p.take('}') {
		key, err := p.str("a key in quotes")
		if err != nil {
			return h, err
		}
		if slices.Contains(seen, key) {
			return h, fmt.Errorf("the header has the key %s twice; each key once was expected", quoted(key))
		}
		if err := p.expect(':', `":"`); err != nil {
			return h, err
		}
		switch key {
		case "descr":
			h.dtype, err = p.dtype()
		case "fortran_order":
			h.fortran, err = p.boolean()
		case "shape":
			h.shape, err = p.shape()
		default:
			err = fmt.Errorf(`the header has the key %s; only "descr", "fortran_order" and "shape" were expected`, quoted(key))
		}
		if err != nil {
			return h, err
		}
		seen = append(seen, key)
		if !p.take(',') {
			if err := p.expect('}', `"," or "}"`); err != nil {
				return h, err
			}
			break
		}
	}
	if p.space(); p.at < len(text) {
		return h, p.unexpected("only white space after the dictionary")
	}
	for _, key := range []string{"descr", "fortran_order", "shape"} {
		if !slices.Contains(seen, key) {
			return h, fmt.Errorf(`the header has no key %q; "descr", "fortran_order" and "shape" were expected`, key)
		}
	}
	n, ok := count(h.shape, h.dtype.Size())
	if !ok {
		return h, fmt.Errorf("the shape %s asks for more than %d bytes; an array that can be addressed was expected",
			tuple(h.shape), math.MaxInt)
	}
	h.n = n
	return h, nil
}

// count multiplies the dimensions; ok is false when the elements, of size
// bytes each, would take more bytes than an int counts.
func count(shape []int, size int) (n int, ok bool) {
	if slices.Contains(shape, 0) {
		return 0, true // whatever the other dimensions are
	}
	product := uint64(1)
	for _, d := range shape {
		high, low := bits.Mul64(product, uint64(d))
		if high != 0 || low > math.MaxInt/uint64(size) {
			return 0, false
		}
		product = low
	}
	return int(product), true
}

// headerText is a cursor in the text of a header.
type headerText struct {
	text []byte
	at   int
}

func (p *headerText) space() {
	for p.at < len(p.text) && bytes.IndexByte([]byte(" \t\n\r\f\v"), p.text[p.at]) >= 0 {
		p.at++
	}
}

// take skips white space, then c if it comes next.
func (p *headerText) take(c byte) bool {
	p.space()
	if p.at < len(p.text) && p.text[p.at] == c {
		p.at++
		return true
	}
	return false
}

func (p *headerText) expect(c byte, what string) error {
	if !p.take(c) {
		return p.unexpected(what)
	}
	return nil
}

func (p *headerText) unexpected(what string) error {
	if p.at >= len(p.text) {
		return fmt.Errorf("the header ends at byte %d; %s was expected", p.at, what)
	}
	return fmt.Errorf("the header has %s at byte %d; %s was expected", quoted(string(p.text[p.at:p.at+1])), p.at, what)
}

// str reads a string in single or double quotes. Nothing that we accept needs
// an escape, so a backslash is an error.
func (p *headerText) str(what string) (string, error) {
	p.space()
	if p.at >= len(p.text) || p.text[p.at] != '\'' && p.text[p.at] != '"' {
		return "", p.unexpected(what)
	}
	quote := p.text[p.at]
	start := p.at + 1
	for p.at = start; p.at < len(p.text); p.at++ {
		switch p.text[p.at] {
		case quote:
			p.at++
			return string(p.text[start : p.at-1]), nil
		case '\\':
			return "", p.unexpected("a string without escapes")
		}
	}
	return "", p.unexpected("a closing quote")
}

func (p *headerText) dtype() (DType, error) {
	p.space()
	if p.at < len(p.text) && p.text[p.at] == '[' {
		return 0, fmt.Errorf(`the elements are of a structured type; "<f4" or "<f8" was expected`)
	}
	descr, err := p.str("an element type in quotes")
	if err != nil {
		return 0, err
	}
	switch descr {
	case "<f4":
		return F4, nil
	case "<f8":
		return F8, nil
	}
	hint := ""
	if len(descr) > 1 && bytes.IndexByte([]byte("fiub"), descr[1]) >= 0 {
		hint = `, so save it with astype("<f8")` // no loss of meaning, unlike for complex numbers or text
	}
	return 0, fmt.Errorf(`the element type is %s; "<f4" or "<f8" was expected%s`, quoted(descr), hint)
}

func (p *headerText) boolean() (bool, error) {
	p.space()
	rest := p.text[p.at:]
	switch {
	case bytes.HasPrefix(rest, []byte("True")):
		p.at += len("True")
		return true, nil
	case bytes.HasPrefix(rest, []byte("False")):
		p.at += len("False")
		return false, nil
	}
	return false, p.unexpected("True or False")
}

func (p *headerText) shape() ([]int, error) {
	if err := p.expect('(', "a tuple of dimensions"); err != nil {
		return nil, err
	}
	shape := []int{}
	for !p.take(')') {
		d, err := p.dimension()
		if err != nil {
			return nil, err
		}
		shape = append(shape, d)
		if p.take(',') {
			continue
		}
		if len(shape) == 1 { // in Python, (3) is a number and (3,) a tuple
			return nil, p.unexpected(`","`)
		}
		if err := p.expect(')', `"," or ")"`); err != nil {
			return nil, err
		}
		break
	}
	return shape, nil
}

func (p *headerText) dimension() (int, error) {
	p.space()
	start := p.at
	for p.at < len(p.text) && '0' <= p.text[p.at] && p.text[p.at] <= '9' {
		p.at++
	}
	digits := string(p.text[start:p.at])
	if digits == "" {
		return 0, p.unexpected("a dimension")
	}
	if digits[0] == '0' && len(digits) > 1 {
		return 0, fmt.Errorf("the header has the dimension %s; a number without leading zeros was expected", quoted(digits))
	}
	d, err := strconv.Atoi(digits)
	if err != nil {
		return 0, fmt.Errorf("the header has the dimension %s; at most %d was expected", quoted(digits), math.MaxInt)
	}
	if p.at < len(p.text) && p.text[p.at] == 'L' {
		p.at++ // the repr of a long in Python 2
	}
	return d, nil
}

// formatHeader returns everything that precedes the elements of an array in C
// order.
func formatHeader(dtype DType, shape []int) []byte {
	var dict bytes.Buffer
	fmt.Fprintf(&dict, "{'descr': '%s', 'fortran_order': False, 'shape': (", dtype)
	for k, d := range shape {
		if k > 0 {
			dict.WriteString(", ")
		}
		dict.WriteString(strconv.Itoa(d))
	}
	if len(shape) == 1 {
		dict.WriteByte(',')
	}
	dict.WriteString("), }")

	major, width := byte(1), 2
	if len(magic)+2+width+dict.Len()+dataAlign > math.MaxUint16 {
		major, width = 2, 4
	}
	start := len(magic) + 2 + width
	length := dict.Len() + 1 // and the newline
	length += -(start + length) & (dataAlign - 1)

	out := make([]byte, 0, start+length)
	out = append(out, magic...)
	out = append(out, major, 0)
	if major == 1 {
		out = binary.LittleEndian.AppendUint16(out, uint16(length))
	} else {
		out = binary.LittleEndian.AppendUint32(out, uint32(length))
	}
	out = append(out, dict.Bytes()...)
	out = append(out, bytes.Repeat([]byte(" "), start+length-len(out)-1)...)
	return append(out, '\n')
}
