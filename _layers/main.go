// Command layers finds circles of files inside the packages of a module.
//
// Go forbids circles of packages; inside a package files may lean on each other without
// limit, and then none can be read, or moved, alone. A file leans on another when it
// names what that one declares: a type, a function, a method, a variable, a constant.
// Fields do not count: they come with their type.
//
// It fails for a circle of more files than --most, unless the file of exceptions names
// the package, the largest circle that it may have, and why.
//
//	go run . [--most 3] [--exceptions exceptions.txt] [--dir ..] [packages]
package main

import (
	"bufio"
	"flag"
	"fmt"
	"go/types"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"golang.org/x/tools/go/packages"
)

func main() {
	most := flag.Int("most", 3, "files that a circle may have")
	dir := flag.String("dir", "..", "root of the module")
	exceptions := flag.String("exceptions", "exceptions.txt", "circles that may be larger: package, files, reason")
	flag.Parse()
	patterns := flag.Args()
	if len(patterns) == 0 {
		patterns = []string{"./..."}
	}
	allowed, err := readExceptions(*exceptions)
	if err == nil {
		err = check(*dir, patterns, *most, allowed)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "layers:", err)
		os.Exit(1)
	}
}

// check prints the circles that are too large, and fails when there is one.
func check(dir string, patterns []string, most int, allowed map[string]int) error {
	config := &packages.Config{
		Dir:  dir,
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesInfo,
	}
	loaded, err := packages.Load(config, patterns...)
	if err != nil {
		return err
	}
	if packages.PrintErrors(loaded) > 0 {
		return fmt.Errorf("the packages have errors")
	}
	if len(loaded) == 0 {
		return fmt.Errorf("no packages match %s", strings.Join(patterns, " "))
	}
	bad, largest := 0, 0
	for _, p := range loaded {
		limit, excepted := most, false
		if n, ok := allowed[p.PkgPath]; ok {
			limit, excepted = n, true
		}
		worst := 0
		for _, circle := range circles(leans(p)) {
			worst = max(worst, len(circle))
			if len(circle) > limit {
				bad++
				fmt.Printf("%s: a circle of %d files, at most %d: %s\n", p.PkgPath, len(circle), limit, strings.Join(circle, " "))
			}
		}
		largest = max(largest, worst)
		if excepted && worst <= most {
			return fmt.Errorf("the exception of %s is not needed: its largest circle has %d files", p.PkgPath, worst)
		}
	}
	if bad > 0 {
		return fmt.Errorf("%d circles of files are too large", bad)
	}
	if largest == 0 {
		fmt.Printf("layers: %d packages, no circle of files inside one\n", len(loaded))
		return nil
	}
	fmt.Printf("layers: %d packages, no circle of more than %d files inside one\n", len(loaded), largest)
	return nil
}

// leans says on which files of its package each file leans.
func leans(p *packages.Package) map[string]map[string]bool {
	base := func(o types.Object) string { return filepath.Base(p.Fset.Position(o.Pos()).Filename) }
	graph := map[string]map[string]bool{}
	for _, f := range p.Syntax {
		graph[filepath.Base(p.Fset.Position(f.Package).Filename)] = map[string]bool{}
	}
	for name, o := range p.TypesInfo.Uses {
		if o == nil || o.Pkg() != p.Types || o.Parent() != p.Types.Scope() && !isMethod(o) {
			continue
		}
		from := filepath.Base(p.Fset.Position(name.Pos()).Filename)
		if to := base(o); to != from && graph[from] != nil {
			graph[from][to] = true
		}
	}
	return graph
}

func isMethod(o types.Object) bool {
	f, ok := o.(*types.Func)
	return ok && f.Signature().Recv() != nil
}

// circles are the strongly connected components of more than one file (Tarjan, "Depth-first
// search and linear graph algorithms", 1972), the largest first.
func circles(graph map[string]map[string]bool) [][]string {
	var found [][]string
	var stack []string
	index, low, on := map[string]int{}, map[string]int{}, map[string]bool{}
	var visit func(file string)
	visit = func(file string) {
		index[file] = len(index) + 1
		low[file] = index[file]
		stack, on[file] = append(stack, file), true
		for _, next := range sorted(graph[file]) {
			switch {
			case index[next] == 0:
				visit(next)
				low[file] = min(low[file], low[next])
			case on[next]:
				low[file] = min(low[file], index[next])
			}
		}
		if low[file] != index[file] {
			return
		}
		var circle []string
		for {
			last := stack[len(stack)-1]
			stack, on[last] = stack[:len(stack)-1], false
			circle = append(circle, last)
			if last == file {
				break
			}
		}
		if len(circle) > 1 {
			sort.Strings(circle)
			found = append(found, circle)
		}
	}
	for _, file := range sorted(graph) {
		if index[file] == 0 {
			visit(file)
		}
	}
	sort.SliceStable(found, func(i, j int) bool { return len(found[i]) > len(found[j]) })
	return found
}

func sorted[V any](set map[string]V) []string {
	var names []string
	for name := range set {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// readExceptions reads lines of the form "package files reason".
func readExceptions(path string) (map[string]int, error) {
	allowed := map[string]int{}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Fields(line)
		if len(fields) < 3 {
			return nil, fmt.Errorf("%s: %q; expected a package, a number of files and the reason", path, line)
		}
		n, err := strconv.Atoi(fields[1])
		if err != nil {
			return nil, fmt.Errorf("%s: %q; expected a package, a number of files and the reason", path, line)
		}
		allowed[fields[0]] = n
	}
	return allowed, lines.Err()
}
