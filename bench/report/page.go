package report

import (
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/url"
	"path"
	"strings"

	"lowrank/bench/figure"
)

//go:embed assets
var assets embed.FS

// scripts are the files of the script, in order.
var scripts = []string{"scale.js", "dom.js", "curve.js", "axes.js", "field.js", "cursor.js", "heatmap.js", "colorbar.js", "page.js"}

var layout = template.Must(template.ParseFS(assets, "assets/page.html"))

// page is what the template shows.
type page struct {
	Style   template.CSS
	Script  template.JS
	Ramp    []string
	Groups  []*group
	Figures int
	Count   count
}

// group is the figures of one system.
type group struct {
	Title   string
	Figures []*section
}

// section is what the page shows of a figure; texts may have raised and
// lowered characters.
type section struct {
	ID, Name, Short, Command, Cost, Machine string
	Title, Caption                          template.HTML
	Quick                                   bool
	Parameters                              []parameter
	Verdicts                                []verdict
	Count                                   count
	Files                                   []link
	Picture                                 string // for browsers without the script
	Data                                    template.JS
}

type parameter struct {
	Name, Value string
	Comment     template.HTML
	Inferred    bool
}

type verdict struct {
	Status string
	Text   template.HTML
}

type link struct{ Name, Href string }

// count is of verdicts.
type count struct{ Passed, Failed, Notes int }

func newPage(figures []*document) (*page, error) {
	p := &page{Figures: len(figures)}
	style, err := assets.ReadFile("assets/page.css")
	if err != nil {
		return nil, err
	}
	p.Style = template.CSS(style)
	var script strings.Builder
	for _, name := range scripts {
		b, err := assets.ReadFile("assets/" + name)
		if err != nil {
			return nil, err
		}
		script.Write(b)
	}
	p.Script = template.JS(script.String())
	const steps = 64
	for i := range steps + 1 {
		p.Ramp = append(p.Ramp, figure.Ramp(float64(i)/steps))
	}

	groups := map[string]*group{}
	taken := map[string]bool{}
	for _, d := range figures {
		system, _, _ := strings.Cut(d.Name, "/")
		g := groups[system]
		if g == nil {
			g = &group{Title: capitalized(system)}
			groups[system] = g
			p.Groups = append(p.Groups, g)
		}
		s, err := newSection(d, taken)
		if err != nil {
			return nil, fmt.Errorf("report: figure %q: %w", d.Name, err)
		}
		g.Figures = append(g.Figures, s)
		p.Count.Passed += s.Count.Passed
		p.Count.Failed += s.Count.Failed
		p.Count.Notes += s.Count.Notes
	}
	return p, nil
}

func newSection(d *document, taken map[string]bool) (*section, error) {
	s := &section{
		ID: newID(d.Name, taken), Name: d.Name, Short: path.Base(d.Name),
		Title: label(capitalized(d.Title)), Caption: label(d.Caption),
		Quick: d.Quick, Command: d.Command, Cost: d.Cost, Machine: d.Machine,
	}
	for _, p := range d.Parameters {
		comment := p.Comment
		if p.Inferred { // the page says so beside the name
			comment = strings.TrimLeft(strings.TrimPrefix(comment, "inferred"), " :,;")
		}
		s.Parameters = append(s.Parameters, parameter{p.Name, p.Value, label(comment), p.Inferred})
	}
	for _, v := range d.Verdicts {
		s.Verdicts = append(s.Verdicts, verdict{v.Status, label(v.Text)})
		switch v.Status {
		case "PASS":
			s.Count.Passed++
		case "FAIL":
			s.Count.Failed++
		default:
			s.Count.Notes++
		}
	}
	for _, name := range d.Files {
		l := link{path.Base(name), (&url.URL{Path: name}).String()}
		s.Files = append(s.Files, l)
		if s.Picture == "" && strings.HasSuffix(name, ".svg") {
			s.Picture = l.Href
		}
	}
	data, err := json.Marshal(struct {
		Name   string               `json:"name"`
		Rows   [][]panel            `json:"rows"`
		Arrays []numbers            `json:"arrays"`
		Labels map[string][2]string `json:"labels"` // as HTML and as plain text
	}{d.Name, d.Rows, d.Arrays, d.labels()})
	s.Data = template.JS(data) // json.Marshal leaves no <
	return s, err
}

func label(s string) template.HTML { return template.HTML(figure.HTML(s)) }

// labels sets the texts of the panels whose form is not their own.
func (d *document) labels() map[string][2]string {
	out := map[string][2]string{}
	add := func(texts ...string) {
		for _, s := range texts {
			if html, plain := figure.HTML(s), figure.PlainText(s); html != s || plain != s {
				out[s] = [2]string{html, plain}
			}
		}
	}
	for _, row := range d.Rows {
		for _, p := range row {
			switch b := p.body.(type) {
			case *axes:
				add(b.Title, b.XLabel, b.YLabel)
				for _, l := range b.Lines {
					add(l.Name)
				}
				for _, m := range b.Marks {
					add(m.Label)
				}
				for _, v := range b.Verticals {
					add(v.Label)
				}
				for _, h := range b.Horizontals {
					add(h.Label)
				}
				for _, s := range b.Bands {
					add(s.Name)
				}
			case *heatMap:
				add(b.Title, b.XLabel, b.YLabel)
				add(b.RowNames...)
				add(b.ColNames...)
			case *colorBar:
				add(b.Label)
			}
		}
	}
	return out
}

// newID makes sensing-fig3 of sensing/fig3.
func newID(name string, taken map[string]bool) string {
	id := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' {
			return r
		}
		return '-'
	}, name)
	unique := id
	for n := 2; taken[unique]; n++ {
		unique = fmt.Sprintf("%s-%d", id, n)
	}
	taken[unique] = true
	return unique
}

// capitalized leaves names of a single letter as they are.
func capitalized(s string) string {
	small := func(i int) bool { return i < len(s) && s[i] >= 'a' && s[i] <= 'z' }
	if !small(0) || !small(1) {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
