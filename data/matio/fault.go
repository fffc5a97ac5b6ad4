package matio

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"unicode"
)

// fault is an error of one sentence. The cause is kept for errors.Is and is
// not printed a second time.
type fault struct {
	sentence string
	cause    error
}

func (f *fault) Error() string { return f.sentence }
func (f *fault) Unwrap() error { return f.cause }

// faultf returns the error "name: sentence".
func faultf(name, format string, args ...any) error {
	return &fault{sentence: shown(name) + ": " + fmt.Sprintf(format, args...)}
}

// causef is faultf with a cause that the sentence already describes.
func causef(name string, cause error, format string, args ...any) error {
	return &fault{sentence: shown(name) + ": " + fmt.Sprintf(format, args...), cause: cause}
}

// openFault describes why a file could not be opened; kind is what it should
// have been, such as ".npy file".
func openFault(path, kind string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return causef(path, err, "does not exist; a %s was expected", kind)
	}
	return causef(path, err, "cannot be opened (%s); a readable %s was expected", reason(err), kind)
}

// reason is the innermost text of an operating system error, without the
// operation and the path, which the sentence names already.
func reason(err error) string {
	for {
		var path *fs.PathError
		var link *os.LinkError
		var call *os.SyscallError
		switch {
		case errors.As(err, &path):
			err = path.Err
		case errors.As(err, &link):
			err = link.Err
		case errors.As(err, &call):
			err = call.Err
		default:
			return strings.Join(strings.Fields(err.Error()), " ")
		}
	}
}

// shown is the name as it stands in a sentence: quoted only when it holds
// something that would break the line.
func shown(name string) string {
	if strings.ContainsFunc(name, unicode.IsControl) {
		return strconv.Quote(name)
	}
	return name
}

// quoted is s in quotes, cut to a length that leaves the sentence readable.
func quoted(s string) string {
	const most = 40
	if len(s) > most {
		return strconv.Quote(s[:most]) + "…"
	}
	return strconv.Quote(s)
}

// tuple writes a shape or an index as NumPy does: (), (3,), (3, 4).
func tuple(v []int) string {
	const most = 32
	var b strings.Builder
	b.WriteByte('(')
	for k, x := range v {
		if k > 0 {
			b.WriteString(", ")
		}
		if k == most {
			fmt.Fprintf(&b, "… %d dimensions)", len(v))
			return b.String()
		}
		b.WriteString(strconv.Itoa(x))
	}
	if len(v) == 1 {
		b.WriteByte(',')
	}
	b.WriteByte(')')
	return b.String()
}
