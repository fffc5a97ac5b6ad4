package roofline

// Object is what --json says of a roofline. Rates are 10⁹ a second.
func (r *Roofline) Object() map[string]any {
	n := r.threads()
	l := r.limits()
	p := r.Survey.Plan
	times, _ := r.timesCaches()
	o := map[string]any{
		// A plain loop, as other programs measure it, and the best of all loops, which
		// bounds the operations.
		"bandwidth_gbs": r.Survey.Of("read", n) / 1e9, "bound_bandwidth_gbs": l.Bandwidth / 1e9,
		"peak_f64_gfs": l.PeakF64 / 1e9, "peak_f32_gfs": l.PeakF32 / 1e9,
		"copy_gbs": r.Survey.Of("copy", n) / 1e9, "copy_past_caches_gbs": r.Survey.Of("copy-past-caches", n) / 1e9,
		"triad_gbs": r.Survey.Of("triad", n) / 1e9, "axpy_gbs": r.Survey.Of("axpy", n) / 1e9,
		"cpu": r.Machine.CPU, "cores": r.Machine.Cores, "backend": r.Machine.Backend, "kernel": r.Machine.Kernel,
		"row": r.Row, "threads": n, "dtype": r.DType, "version": r.Machine.Version,
		"l1d": r.Caches.L1D, "l2": r.Caches.L2, "l3": r.Caches.L3, "l3_sharers": r.Caches.Sharers,
		"memory_bytes": p.Memory, "memory_times_caches": times,
		"notes": append([]string{}, r.notes()...), "left_out": append([]string{}, r.Skipped...),
		"seconds": r.Time.Seconds(),
	}
	levels, sweep, traffic, peaks, placed := none(), none(), none(), none(), none()
	for _, t := range p.Threads {
		for _, at := range r.Survey.Levels(t) {
			levels = append(levels, map[string]any{"level": at.Name, "threads": t, "working_set_bytes": at.Bytes, "gbs": at.Rate / 1e9})
		}
	}
	for _, at := range r.Survey.Sweep {
		sweep = append(sweep, map[string]any{"threads": at.Threads, "working_set_bytes": at.Bytes, "gbs": at.Rate / 1e9})
	}
	for _, at := range r.Survey.Traffic {
		one := map[string]any{"stream": at.Stream.Name, "about": at.Stream.About, "threads": at.Threads, "gbs": at.Rate / 1e9}
		if at.Stream.Moved > at.Stream.Counted {
			moved := at.Rate / at.Stream.Counted * at.Stream.Moved / 1e9
			one["with_write_allocate_gbs"] = moved
			if at.Threads == n {
				o[at.Stream.Name+"_with_write_allocate_gbs"] = moved
			}
		}
		traffic = append(traffic, one)
	}
	for _, at := range r.Survey.Peaks {
		peaks = append(peaks, map[string]any{"row": at.Row, "dtype": at.DType, "threads": at.Threads, "gfs": at.Rate / 1e9})
	}
	for i, at := range r.Placed {
		placed = append(placed, map[string]any{
			"number": i + 1, "name": at.Name, "family": at.Family, "intensity": at.intensity(),
			"bytes": at.Bytes, "flops": at.Flops, "seconds": at.Seconds,
			"gbs": at.Bytes / at.Seconds / 1e9, "gfs": at.rate() / 1e9, "share": r.share(at), "bound": r.boundBy(at),
		})
	}
	o["levels"], o["sweep"], o["traffic"], o["rows"], o["operations"] = levels, sweep, traffic, peaks, placed
	return o
}

// none is a list that is empty in JSON, not null.
func none() []map[string]any { return []map[string]any{} }
