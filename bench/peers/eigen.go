package peers

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
)

func eigen() Peer {
	return Peer{Name: "eigen", What: "Eigen, compiled for this processor with OpenMP", find: func(ctx context.Context, _ *Host) (program, error) {
		cxx, err := compiler("CXX", "c++", "g++", "clang++")
		if err != nil {
			return program{}, err
		}
		include := ""
		for _, dir := range []string{"", "/usr/include/eigen3", "/usr/local/include/eigen3", "/opt/homebrew/include/eigen3"} {
			flags := []string{"-E", "-x", "c++", "-I" + dir, "-"}
			if dir == "" {
				flags = slices.Delete(flags, 3, 4)
			}
			c := command(ctx, cxx, flags...)
			c.Stdin = strings.NewReader("#include <Eigen/Core>\n")
			if c.Run() == nil {
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
