package api

import (
	"mime"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store"
)

// maxForwardPaths bounds the recipients of a posted message, as SMTP's default does.
const maxForwardPaths = 2000

// capture commits octets as if they had come by SMTP.
func (s *Server) capture(r *request, raw []byte, reversePath string, forwardPaths []string, tags []string) (any, error) {
	octets := s.store.NewOctets()
	defer octets.Discard()
	if _, err := octets.Write(raw); err != nil {
		return nil, err
	}
	got, err := s.store.Deliver(r.ctx, store.Delivery{
		Origin: model.OriginAPI, Sandbox: r.sandbox, ReversePath: reversePath, ForwardPaths: forwardPaths,
		Envelope: model.Envelope{
			ClientAddress: s.clientAddress(r.Request()), Protocol: "HTTP", DeclaredSize: int64(len(raw)),
			DSN: model.DSN{Recipients: []model.DSNRecipient{}},
		},
		Octets: octets, Tags: tags,
	})
	if err != nil {
		return nil, err
	}
	base := s.baseURL(r.Request())
	full, err := s.full(got[0], base, nil)
	if err != nil {
		return nil, gone(got[0], err)
	}
	r.Response().Header().Set(echo.HeaderLocation, base+"/v1/messages/"+got[0].ID)
	return result{http.StatusCreated, full}, nil
}

// postedType is the media type of a posted message, JSON where none is said.
func (r *request) postedType() string {
	t, _, err := mime.ParseMediaType(r.Request().Header.Get(echo.HeaderContentType))
	if err != nil {
		return ""
	}
	return t
}
