# Makes a Markdown table of benchstat's CSV of BenchmarkShapes: times of one
# call, and that of native over the faster of the others.
function time(s) {
	s *= 1e9
	if (s < 1000) return sprintf("%.0f ns", s)
	if (s < 1e6) return sprintf("%.3g µs", s / 1e3)
	return s < 1e9 ? sprintf("%.3g ms", s / 1e6) : sprintf("%.3g s", s / 1e9)
}
BEGIN { FS = "," }
/^cpu: / { cpu = substr($0, 6) }
/^,native,,openblas/ { for (i = 2; i <= NF; i++) if ($i != "") column[$i] = i; next }
/^[a-zA-Z0-9]+ [0-9]+ / {
	split($1, name, " ")
	size = name[2] (name[3] ? "×" name[3] : "") (name[4] ? "×" name[4] : "")
	n = $column["native"]; o = $column["openblas"]; g = $column["gonum"]
	ratio = n / (o < g ? o : g)
	count++
	if (ratio > 1.1) slower++
	else if (ratio > 1 / 1.1) even++
	rows[count] = sprintf("| %s | %s | %s | %s | %s | %s |", name[1], size, time(n), time(o), time(g), ratio > 1.1 ? sprintf("**%.2f**", ratio) : sprintf("%.2f", ratio))
}
END {
	if (!count) { print "no measurements" >"/dev/stderr"; exit 1 }
	print "# Shape by shape\n"
	print "Made by `make shapes` on " cpu ", " threads " threads, " date ": float64, medians of"
	print "five runs, each backend in a process of its own. The last column is the time of"
	print "native over that of the faster of the others: above 1.1, native is slower"
	print "(**bold**); a shared machine does not settle a few percent.\n"
	printf "%d shapes: native is faster on %d, within 10 %% on %d, slower on %d.\n\n", count, count - even - slower, even, slower
	print "NN, NT, TN are C = AB, ABᵀ, AᵀB with sizes m×n×k; syrk AAᵀ with n×k, syrkT AᵀA.\n"
	print "| routine | size | native | OpenBLAS | gonum | ratio |"
	print "|---|---|---|---|---|---|"
	for (i = 1; i <= count; i++) print rows[i]
}
