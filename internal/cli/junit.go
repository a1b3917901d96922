package cli

import (
	"encoding/xml"
	"io"

	"github.com/catchpost/catchpost/internal/model"
)

func junit(w io.Writer, a *model.AssertAnswer) error {
	return xml.NewEncoder(w).Encode(a)
}
