package run

import "context"

// Start runs a command in its element type, under the profiles asked for.
func (f *Request) Start(in64, in32 func(ctx context.Context) error) error {
	in := in64
	if f.Dtype == "f32" {
		in = in32
	}
	if f.Planning { // profiles are of the run
		return in(f.Cmd.Context())
	}
	return f.profiles.During(f.Cmd.Context(), "solve "+f.Cmd.Name(), in)
}
