package run

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"lowrank/blas"
)

// Source is one way to give the data of a problem: a row in the table of its system. F are
// the flags of the system, P is the problem as it is loaded, S the shape of a run on it.
// A row has all fields but where it says so. Of a table follow the flags, what excludes
// what and the errors about that, the files that a run reads, what --config passes over,
// what is loaded, and for plan the shape and the sample of a run.
type Source[F, P, S any] struct {
	// Flag chooses the source where it is given.
	Flag string
	// Files are the flags that name the files that are read: Flag and those that go with
	// it. A problem that is made has none; Add adds its flags, and Belonging are those but
	// Flag. Add is nil where there are no others than Files.
	Files     []FileFlag
	Add       func(f *F, cmd *cobra.Command)
	Belonging []string
	// Mixed says whether the data can be held in float32 where the run computes in
	// float64; nil stands for never.
	Mixed func(f *F) bool
	// Check validates the flags, before anything is read; nil stands for nothing to do.
	Check func(f *F) error
	// Load reads or makes the problem.
	Load func(f *F, b *blas.Backend) (P, error)
	// Shape sets what flags and the beginnings of files say of the data. Loaded does so
	// where a file could not be read twice, from what came of it.
	Shape  func(f *F, b *blas.Backend, s *S) error
	Loaded func(f *F, s *S, p P)
	// Sample makes a smaller problem of the shape s: it writes its files, and adds the flags
	// that make it to at.
	Sample func(f *F, s S, at SampleFiles) error
}

// FileFlag is a flag that names a file.
type FileFlag struct{ Name, Help string }

// SampleFiles are the flags of a sample: files in a directory, and other values.
type SampleFiles struct {
	Dir   string
	Flags map[string]string
}

// Name is the name of the file that a flag is to have, ext with its dot.
func (s SampleFiles) Name(flag, ext string) string {
	s.Flags[flag] = filepath.Join(s.Dir, flag+ext)
	return s.Flags[flag]
}

// belonging are the flags that go with this source alone.
func (s Source[F, P, S]) belonging() []string {
	var names []string
	for _, file := range s.Files {
		if file.Name != s.Flag {
			names = append(names, file.Name)
		}
	}
	return append(names, s.Belonging...)
}

// Sources is the table of a system.
type Sources[F, P, S any] []Source[F, P, S]

// Add adds the flags of all sources.
func (t Sources[F, P, S]) Add(f *F, cmd *cobra.Command) {
	for _, s := range t {
		for _, file := range s.Files {
			cmd.Flags().String(file.Name, "", file.Help)
		}
		if s.Add != nil {
			s.Add(f, cmd)
		}
	}
}

// Names are the flags that choose.
func (t Sources[F, P, S]) Names() (names []string) {
	for _, s := range t {
		names = append(names, s.Flag)
	}
	return names
}

// Group is the flags that exclude each other, with those that belong to one of them.
func (t Sources[F, P, S]) Group(more ...string) FlagGroup {
	g := FlagGroup{ChosenBy: t.Names(), Belonging: more}
	for _, s := range t {
		g.Belonging = append(g.Belonging, s.belonging()...)
	}
	return g
}

// NotEmpty are the flags that are given with a name: those that choose, and of files.
func (t Sources[F, P, S]) NotEmpty() []string {
	names := t.Names()
	for _, s := range t {
		for _, file := range s.Files {
			if !slices.Contains(names, file.Name) {
				names = append(names, file.Name)
			}
		}
	}
	return names
}

// Chosen is the source that a request has chosen: there is one, once Check found no
// fault.
func (t Sources[F, P, S]) Chosen(r *Request) Source[F, P, S] {
	return t[slices.IndexFunc(t, func(s Source[F, P, S]) bool { return r.given(s.Flag) })]
}

// OfOthers are the flags that belong to the sources that a request has not chosen: they say
// nothing about its run.
func (t Sources[F, P, S]) OfOthers(r *Request) map[string]bool {
	names := map[string]bool{}
	for _, s := range t {
		if !r.given(s.Flag) {
			for _, name := range s.belonging() {
				names[name] = true
			}
		}
	}
	return names
}

// Read are the files that a request reads of its source.
func (t Sources[F, P, S]) Read(r *Request) (files []string) {
	for _, file := range t.Chosen(r).Files {
		files = append(files, r.Text(file.Name))
	}
	return files
}

// Check refuses none and more than one source, flags that belong to another, and what the
// source does. what is the data: Σ.
func (t Sources[F, P, S]) Check(what string, f *F, r *Request) error {
	if err := r.OneOf(what, t.Names()...); err != nil {
		return err
	}
	for _, s := range t {
		names := s.belonging()
		first, any := r.AnyChanged(names...)
		if !any || r.given(s.Flag) {
			continue
		}
		if len(names) > 2 { // more than a sentence bears
			names = []string{first}
		}
		verb := "belong"
		if len(names) == 1 {
			verb = "belongs"
		}
		return Usagef("--%s %s to --%s", strings.Join(names, " and --"), verb, s.Flag)
	}
	if s := t.Chosen(r); s.Check != nil {
		return s.Check(f)
	}
	return nil
}

// Mixes says whether --dtype mixed goes with the source of a request.
func (t Sources[F, P, S]) Mixes(f *F, r *Request) bool {
	s := t.Chosen(r)
	return s.Mixed != nil && s.Mixed(f)
}

// given reports whether a flag that no run of --vary changes was given.
func (f *Request) given(flag string) bool { return f.Cmd.Flags().Changed(flag) }

// Text is the value of a flag that no run of --vary changes.
func (f *Request) Text(flag string) string { return f.Cmd.Flags().Lookup(flag).Value.String() }
