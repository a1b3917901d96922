package compat

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/draw"
	_ "image/gif" // decoded for thumbnails
	"image/jpeg"
	_ "image/png" // likewise
	"strings"
)

// A thumbnail's size, and the most pixels that are decoded for one.
const (
	thumbWidth  = 180
	thumbHeight = 120
	thumbPixels = 40 << 20
)

// thumb answers a JPEG of 180×120: the middle of the picture, or the whole on
// white where it is smaller. What is no picture (that we can read) is white.
func (c *call) thumb() error {
	p, v, err := c.findPart()
	if errors.Is(err, notFound) {
		return bad("attachment not found")
	}
	if err != nil {
		return err
	}
	to := image.NewRGBA(image.Rect(0, 0, thumbWidth, thumbHeight))
	draw.Draw(to, to.Bounds(), image.White, image.Point{}, draw.Src)
	if strings.HasPrefix(p.Type, "image/") {
		if from, ok := decodeImage(v.Decoded(p)); ok {
			shrink(to, from)
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, to, &jpeg.Options{Quality: 70}); err != nil {
		return err
	}
	return c.octets("image/jpeg", `inline; filename="`+headerSafe(p.Name)+`.jpg"`, b.Bytes())
}

func decodeImage(octets []byte) (image.Image, bool) {
	size, _, err := image.DecodeConfig(bytes.NewReader(octets))
	if err != nil || size.Width <= 0 || size.Height <= 0 || size.Width > thumbPixels/size.Height {
		return nil, false
	}
	img, _, err := image.Decode(bytes.NewReader(octets))
	return img, err == nil
}

// shrink fills to with the middle of from, averaging; what is smaller is centred.
func shrink(to *image.RGBA, from image.Image) {
	b := from.Bounds()
	scale := min(float64(b.Dx())/thumbWidth, float64(b.Dy())/thumbHeight)
	scale = max(scale, 1)
	left := float64(b.Min.X) + (float64(b.Dx())-thumbWidth*scale)/2
	top := float64(b.Min.Y) + (float64(b.Dy())-thumbHeight*scale)/2
	for y := range thumbHeight {
		for x := range thumbWidth {
			area := image.Rect(int(left+float64(x)*scale), int(top+float64(y)*scale), int(left+float64(x+1)*scale), int(top+float64(y+1)*scale))
			if area.Empty() {
				area.Max = area.Min.Add(image.Pt(1, 1))
			}
			if area = area.Intersect(b); !area.Empty() {
				to.SetRGBA(x, y, average(from, area))
			}
		}
	}
}

// average mixes an area, on white where it is transparent.
func average(from image.Image, area image.Rectangle) color.RGBA {
	step := max(1, area.Dx()/8) // 64 samples tell enough
	var sum [4]uint64
	n := uint64(0)
	for y := area.Min.Y; y < area.Max.Y; y += step {
		for x := area.Min.X; x < area.Max.X; x += step {
			r, g, b, a := from.At(x, y).RGBA()
			for i, v := range [...]uint32{r, g, b, a} {
				sum[i] += uint64(v)
			}
			n++
		}
	}
	white := 0xffff*n - sum[3]
	part := func(i int) uint8 { return uint8((sum[i] + white) / n >> 8) }
	return color.RGBA{part(0), part(1), part(2), 255}
}
