package compat

import (
	"bytes"
	"compress/gzip"
	_ "embed" // the data of caniemail.com
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// canIEmail is the data of caniemail.com; caniemail/README.md says whose it is.
//
//go:embed caniemail/caniemail.json.gz
var canIEmail []byte

// feature is one row of the data: support by family, platform and version as
// "y", "n", "a" (partly) or "u" (unknown), with "#N" for a note.
type feature struct {
	Slug, Title, Description, URL, Category string
	Tags                                    []string
	Keywords                                string
	Stats                                   map[string]map[string]map[string]string
	Notes                                   map[string]string `json:"notes_by_num"`
}

// featureTest finds a feature in a mail.
type featureTest struct {
	warning htmlWarning
	find    func(*sheet) int
}

type featureData struct {
	tests     []featureTest
	platforms map[string][]string
}

// features reads the data once.
var features = sync.OnceValues(func() (*featureData, error) {
	z, err := gzip.NewReader(bytes.NewReader(canIEmail))
	if err != nil {
		return nil, err
	}
	var file struct {
		Nicenames struct{ Family, Platform map[string]string }
		Data      []feature
	}
	if err := json.NewDecoder(z).Decode(&file); err != nil {
		return nil, err
	}
	out := &featureData{platforms: map[string][]string{}}
	names := map[string]map[string]bool{}
	for i := range file.Data {
		f := &file.Data[i]
		find := finderOf(f.Slug)
		if find == nil {
			continue // AMP, BIMI and kin are not in the HTML
		}
		w := htmlWarning{
			Slug: f.Slug, Title: f.Title, Description: f.Description, URL: f.URL, Category: f.Category,
			Tags: orEmpty(f.Tags), Keywords: f.Keywords, Results: []htmlResult{}, NotesByNumber: map[string]string{},
		}
		maps.Copy(w.NotesByNumber, f.Notes)
		w.fill(f, file.Nicenames.Family, file.Nicenames.Platform, names)
		out.tests = append(out.tests, featureTest{w, find})
	}
	for platform, families := range names {
		out.platforms[platform] = slices.Sorted(maps.Keys(families))
	}
	return out, nil
})

var noteNumber = regexp.MustCompile(`#(\d+)`)

// fill makes a row for every client and the shares of each kind of support.
// Unknown support counts as partial.
func (w *htmlWarning) fill(f *feature, families, platforms map[string]string, names map[string]map[string]bool) {
	counts := map[string]float32{}
	for _, family := range slices.Sorted(maps.Keys(f.Stats)) {
		for _, platform := range slices.Sorted(maps.Keys(f.Stats[family])) {
			if names[platform] == nil {
				names[platform] = map[string]bool{}
			}
			names[platform][families[family]] = true
			versions := f.Stats[family][platform]
			for _, version := range slices.Sorted(maps.Keys(versions)) {
				r := htmlResult{
					Name:     families[family] + " " + platforms[platform] + " (" + version + ")",
					Platform: platform, Family: family, Version: version, Support: "partial",
				}
				says := versions[version]
				switch {
				case strings.HasPrefix(says, "y"):
					r.Support = "yes"
				case strings.HasPrefix(says, "n"):
					r.Support = "no"
				}
				if n := noteNumber.FindStringSubmatch(says); n != nil {
					r.NoteNumber = n[1]
				}
				counts[r.Support]++
				w.Results = append(w.Results, r)
			}
		}
	}
	if all := float32(len(w.Results)); all > 0 {
		w.Score.Supported, w.Score.Partial, w.Score.Unsupported = counts["yes"]/all*100, counts["partial"]/all*100, counts["no"]/all*100
	}
}
