package store

import (
	"bytes"
	"compress/flate"
	"encoding/json"
	"io"

	"github.com/catchpost/catchpost/internal/model"
)

// Transcript is an attempt's dialogue, packed: a row that is read and written at
// each attempt carries those of all before.
type Transcript []byte

// transcriptMost bounds what is unpacked.
const transcriptMost = 16 << 20

// PackTranscript packs lines; nil if there are none.
func PackTranscript(lines []model.TranscriptLine) Transcript {
	if len(lines) == 0 {
		return nil
	}
	text, err := json.Marshal(lines)
	if err != nil {
		return nil // strings and times alone cannot fail
	}
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, flate.BestSpeed) // fails for unknown levels alone
	_, _ = w.Write(text)
	_ = w.Close()
	return b.Bytes()
}

// Lines unpacks the dialogue.
func (t Transcript) Lines() []model.TranscriptLine {
	if len(t) == 0 {
		return nil
	}
	text, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(t)), transcriptMost))
	if err != nil {
		return nil
	}
	var lines []model.TranscriptLine
	if json.Unmarshal(text, &lines) != nil {
		return nil
	}
	return lines
}
