package web_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// fewColours packs a screenshot: a palette of 256 of its colours, as pages
// have few.
func fewColours(shot []byte) ([]byte, error) {
	m, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		return nil, err
	}
	count := map[color.RGBA]int{}
	b := m.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			count[color.RGBAModel.Convert(m.At(x, y)).(color.RGBA)]++
		}
	}
	out := image.NewPaletted(b, palette(count))
	draw.Draw(out, b, m, b.Min, draw.Src)
	var buf bytes.Buffer
	err = (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&buf, out)
	return buf.Bytes(), err
}

// palette takes the commonest colours that are not near one taken before.
func palette(count map[color.RGBA]int) color.Palette {
	var out color.Palette
	for near := 24; len(out) < 256 && len(count) > 0; {
		var best color.RGBA
		most := 0
		for c, n := range count {
			if n > most || n == most && (c.R < best.R || c.R == best.R && (c.G < best.G || c.G == best.G && c.B < best.B)) {
				best, most = c, n
			}
		}
		delete(count, best)
		if most < 4 && len(out) > 200 {
			near = 60
		}
		if tooNear(out, best, near) {
			continue
		}
		out = append(out, best)
	}
	return out
}

func tooNear(p color.Palette, c color.RGBA, near int) bool {
	for _, o := range p {
		q := o.(color.RGBA)
		dr, dg, db := int(q.R)-int(c.R), int(q.G)-int(c.G), int(q.B)-int(c.B)
		if dr*dr+dg*dg+db*db < near {
			return true
		}
	}
	return false
}

// ahead moves the page's clock where it shows times of the sandbox's, which was moved.
func (p *tab) ahead(d time.Duration) {
	p.t.Helper()
	p.run(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
			Source: fmt.Sprintf("{ const now = Date.now; Date.now = () => now() + (/(sessions|webhooks|sandboxes)/.test(location.hash) ? 0 : %d); }", d.Milliseconds()),
		})
		return err
	}))
}

func (p *tab) shot(dir, name string) {
	p.t.Helper()
	p.until(`[...document.fonts].some(f => f.status === "loaded")`)
	eval[bool](p, `new Promise(r => setTimeout(r, 400, true))`)
	b, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		p.t.Fatal(err)
	}
	small, err := fewColours(b)
	if err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), small, 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// TestScreenshots takes the pictures of the documentation; make screenshots runs it.
func TestScreenshots(t *testing.T) {
	dir := os.Getenv("CATCHPOST_SCREENSHOTS")
	if dir == "" {
		t.Skip("make screenshots sets CATCHPOST_SCREENSHOTS")
	}
	w := newStage(t, "")
	doc, err := os.ReadFile("../docs/page.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range w.views() {
		if !bytes.Contains(doc, []byte("(screenshots/"+v.name+"-light.png)")) {
			t.Errorf("docs/page.md shows no %s", v.name)
		}
	}
	b := newBrowser(t)
	for _, look := range []struct {
		name   string
		w, h   int64
		dark   bool
		mobile bool
	}{{"light", 1440, 900, false, false}, {"dark", 1440, 900, true, false}, {"phone", 390, 844, false, true}} {
		p := b.tab(look.w, look.h, look.mobile)
		scheme := "light"
		if look.dark {
			scheme = "dark"
		}
		p.prefers("prefers-color-scheme", scheme)
		p.ahead(w.shift)
		for _, v := range w.views() {
			p.open(w.at(v))
			p.until(v.ready)
			p.shot(dir, v.name+"-"+look.name)
		}
		p.clean()
	}
}
