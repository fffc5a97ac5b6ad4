package peers

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"slices"
)

func eigen() Peer {
	return Peer{Name: "eigen", What: "Eigen, compiled for this processor with OpenMP", find: func(ctx context.Context, _ *Host) (program, error) {
		cxx, err := compiler("CXX", "c++", "g++", "clang++")
		if err != nil {
			return program{}, err
		}
		include := ""
		for _, dir := range []string{"", "/usr/include/eigen3", "/usr/local/include/eigen3", "/opt/homebrew/include/eigen3"} {
			args := append(slices.Clone(cxx[1:]), "-E", "-x", "c++", "-I"+dir, "-")
			if dir == "" {
				args = slices.Delete(args, len(args)-2, len(args)-1)
			}
			if help(ctx, askTime, "#include <Eigen/Core>\n", io.Discard, cxx[0], args...) == nil {
				include = "-I" + dir
				break
			}
		}
		if include == "" {
			return program{}, errors.New("needs the headers of Eigen 3; " + makePeers)
		}
		return program{args: []string{"{dir}/eigen_peer"}, build: func(ctx context.Context, dir, dtype string) error {
			flags := append(tuned(), "-std=c++17", "-fopenmp", elements(dtype), "-o", filepath.Join(dir, "eigen_peer"), filepath.Join(dir, "eigen_peer.cpp"))
			if include != "-I" {
				flags = append(flags, include)
			}
			return compile(ctx, cxx, flags...)
		}}, nil
	}}
}
