package message

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"
)

func TestVisible(t *testing.T) {
	for doc, want := range map[string]string{
		"<p>Hi <b>An</b>na</p>":                              "Hi Anna",
		"a<br>b<div>c</div>d<td>e":                           "a b c d e",
		"<head><title>t</title><style>x</style></head>body":  "body",
		"<head><meta x><body>unclosed head":                  "unclosed head",
		"<script>if (a<b) '</p>'</script>after":              "after",
		"<SCRIPT>x</ScRiPt >after":                           "after",
		"<div style=\"display:none\">preheader&nbsp;</div>x": "preheader x",
		"a <!-- b > c --> d <!--> e <!---> f":                "a d e f",
		"a<!doctype html>b<?php c?>d":                        "abd",
		"1 < 2 &amp;&lt; 3 &copy; &eacute;&#8211;&bogus;":    "1 < 2 &< 3 © é–&bogus;",
		"<a title=\"a > b\" href='x'>link</a>":               "link",
		"<img alt=\"Logo &amp; name\">text":                  "Logo & name text",
		"<template><p>no</p></template>yes":                  "yes",
		"<svg><text>no</text><svg></svg></svg>yes":           "yes",
		"<textarea><b>raw</b></textarea>":                    "<b>raw</b>",
		"cut <a href=\"x":                                    "cut",
		"cut <!-- x":                                         "cut",
		"cut <script>x":                                      "cut",
		"</ b>x</>y":                                         "xy",
		"soft\u00adhyphen zero\u200bwidth":                   "soft hyphen zero width",
		"<p\nclass=x/>self<br/>closed":                       "self closed",
		"<p a==b c='d'e=f>attributes":                        "attributes",
		"":                                                   "",
		"Grüße\u00a0\u2003aus  Köln":                         "Grüße aus Köln",
	} {
		if got := Visible(doc); got != want {
			t.Errorf("%q:\n got %q\nwant %q", doc, got, want)
		}
	}
	_, targets := htmlText(`<a href="https://x.test/?a=1&amp;b=2">x</a><IMG SRC=cid:y><form action='/z'><a href="data:text/plain,a"></a href="no">`)
	if want := []string{"https://x.test/?a=1&b=2", "cid:y", "/z"}; !slices.Equal(targets, want) {
		t.Errorf("targets %q", targets)
	}
}

// TestVisibleLikeTokenizer compares with the tokenizer of x/net/html on a document
// that has no hidden elements.
func TestVisibleLikeTokenizer(t *testing.T) {
	raw := benchMail("mixed", 30<<10)
	doc, _ := View{Raw: raw, Digest: Scan(raw)}.HTML()
	doc = doc[strings.Index(doc, "<body>"):]
	var want []string
	z := html.NewTokenizer(strings.NewReader(doc))
	for z.Next() != html.ErrorToken {
		if tok := z.Token(); tok.Type == html.TextToken {
			want = append(want, strings.Fields(tok.Data)...)
		}
	}
	if got := strings.Fields(Visible(doc)); !slices.Equal(got, want) || len(got) < 100 {
		t.Errorf("%d words, the tokenizer has %d", len(got), len(want))
	}
}

func FuzzVisible(f *testing.F) {
	f.Add("<p a='b'>c<!--d--><script>e</script>&amp;</p>")
	f.Fuzz(func(t *testing.T, doc string) {
		text, targets := htmlText(doc)
		if utf8.ValidString(doc) && !utf8.ValidString(text) || strings.Contains(text, "  ") || len(targets) > maxTargets {
			t.Errorf("%q became %q %q", doc, text, targets)
		}
	})
}
