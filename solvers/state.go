package solvers

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/gob"
	"encoding/hex"
	"fmt"
	"hash"

	"lowrank/blas"
)

// EncodeState returns the bytes of a solver's state, a struct of exported
// fields. Floats that may be NaN belong in it as bits.
func EncodeState(state any) ([]byte, error) {
	var b bytes.Buffer
	err := gob.NewEncoder(&b).Encode(state)
	return b.Bytes(), err
}

// DecodeState reads what EncodeState wrote into the struct that state points
// to.
func DecodeState(data []byte, state any) error {
	if err := gob.NewDecoder(bytes.NewReader(data)).Decode(state); err != nil {
		return fmt.Errorf("the state of the solver cannot be read: %w", err)
	}
	return nil
}

// Fingerprint is a hash under way of all that the bits of a trajectory depend
// on.
type Fingerprint struct{ hash.Hash }

// NewFingerprint begins with the kind of problem and its parameters.
func NewFingerprint(parameters ...any) Fingerprint {
	f := Fingerprint{sha256.New()}
	fmt.Fprintln(f, parameters...)
	return f
}

// Add takes in numbers: a slice, or anything else of fixed size.
func (f Fingerprint) Add(data any) {
	// A hash takes every write, and a type without a fixed size is an error of
	// the programmer.
	if err := binary.Write(f, binary.LittleEndian, data); err != nil {
		panic(err)
	}
}

// String is the hash in hexadecimal digits.
func (f Fingerprint) String() string { return hex.EncodeToString(f.Sum(nil)) }

// Probe is a fixed random matrix, whose product with an operator stands for
// the operator in a fingerprint.
func Probe[T blas.Float](rows, cols int) blas.General[T] {
	v := blas.NewGeneral[T](rows, cols)
	rnd := Stream(0, "fingerprint")
	for i := range v.Data {
		v.Data[i] = T(rnd.NormFloat64())
	}
	return v
}

// Gaussian is a matrix of independent entries from N(0, deviation²) of the
// stream called name, drawn row by row.
func Gaussian(rows, cols int, deviation float64, seed uint64, name string) blas.General[float64] {
	rnd := Stream(seed, name)
	m := blas.NewGeneral[float64](rows, cols)
	for i := range m.Data {
		m.Data[i] = deviation * rnd.NormFloat64()
	}
	return m
}
